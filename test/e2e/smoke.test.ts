import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { json } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smokeCommand } from '../../tools/smoke/smoke.ts';
import { findObstacles } from '../../tools/smoke/table.ts';
import { CREDENTIALS, isSigned, serveAuthorizer } from '../support/authorizer.ts';
import { openConnection } from '../support/connections.ts';
import { send } from '../support/http.ts';
import { type LocalService, startLocalService } from '../support/local-service.ts';
import { runInProcess } from '../support/run-in-process.ts';
import { listen, serve } from '../support/server.ts';

let service: LocalService;
beforeAll(async () => {
  service = await startLocalService();
});
afterAll(() => service.close());

const smoke = (args: string, environment?: Record<string, string>) =>
  runInProcess(smokeCommand, args.split(' '), environment);

const failedChecks = (output: string) => output.split('\n').filter((line) => line.startsWith('✗'));

test('smoke passes against the local service, and writes nothing', async () => {
  const item = openConnection();
  await service.table.put(item);
  // As a process, to see that the command runs as one.
  const args = ['tools/smoke/smoke.ts', '--url', new URL(service.url).origin];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toMatch(/^✓ the function, its permission, the table: 404 connection_not_found$/m);
  expect(stdout).toMatch(/\nAll is right\.\n$/);
  expect(await service.table.scan()).toEqual([item]);
});

describe('smoke and callers', () => {
  const signed = () => serveAuthorizer(service.url, isSigned);

  test('--auth iam signs its requests, and finds that others are refused', async () => {
    const { exitCode, output } = await smoke(`--url ${await signed()} --auth iam`, CREDENTIALS);
    expect([exitCode, failedChecks(output)]).toEqual([0, []]);
    expect(output).toMatch(/^✓ a caller without credentials: 401 or 403 of the gateway$/m);
  });

  test('--auth token sends the variable TOKEN as the header Authorization', async () => {
    const url = await serveAuthorizer(service.url, ({ headers }) => headers.authorization === 'a.good.one');
    const { exitCode, output } = await smoke(`--url ${url} --auth token`, { TOKEN: 'a.good.one' });
    expect([exitCode, failedChecks(output)]).toEqual([0, []]);
  });

  test('--auth token fails where the endpoint refuses no one', async () => {
    const { exitCode, output } = await smoke(`--url ${service.url} --auth token`, { TOKEN: 'a' });
    expect(exitCode).toBe(1);
    expect(failedChecks(output)).toEqual([
      '✗ a caller without credentials: 401 or 403 of the gateway',
      '✗ a caller with a forged token: 401 or 403 of the gateway',
    ]);
    expect(output).toContain('    It is 404 connection_not_found.\n');
  });

  test('what a server echoes of a token is not shown', async () => {
    const url = await serve((request, response) => {
      const { authorization = '' } = request.headers;
      response.writeHead(404, { 'content-type': authorization }).end(JSON.stringify({ code: authorization }));
    });
    const { exitCode, output, errors } = await smoke(`--url ${url} --auth token`, { TOKEN: 'the.secret' });
    expect(exitCode).toBe(1);
    expect(output + errors).not.toContain('the.secret');
  });
});

test('a request id in the body that is not that of the header is found', async () => {
  const url = await serve((_, response) =>
    response
      .writeHead(404, { 'apigw-requestid': 'a' })
      .end('{"success":false,"code":"connection_not_found","message":"x","request_id":"b"}'),
  );
  const { output } = await smoke(`--url ${url}`);
  expect(failedChecks(output)).toContain(
    '✗ the function, its permission, the table: 404 connection_not_found',
  );
});

test.each([
  ['--url http://pos.invalid', /^PUT http:\/\/pos\.invalid\//],
  ['--url https://pos.invalid', /^CONNECT pos\.invalid:443 /],
  ['--table x', /^CONNECT dynamodb\.eu-west-1\.amazonaws\.com:443 /],
])('smoke %s leaves the network through the proxy that HTTPS_PROXY names', async (args, expected) => {
  const asked: string[] = [];
  const proxy = createServer((socket) =>
    socket.once('data', (head) => {
      asked.push(String(head));
      socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n');
    }),
  );
  const url = `http://127.0.0.1:${await listen(proxy)}`;
  const { exitCode } = await smoke(args, { ...CREDENTIALS, HTTP_PROXY: url, HTTPS_PROXY: url });
  expect(exitCode).toBe(1);
  expect(asked[0]).toMatch(expected);
});

test('--connect-to reaches another host with the name of the URL', async () => {
  const hosts = new Set<unknown>();
  const other = await serve(({ headers }, response) => {
    hosts.add(headers.host);
    response.writeHead(404).end();
  });
  const { port } = new URL(other);
  await smoke(`--url http://pos.invalid:${port} --connect-to 127.0.0.1`);
  expect([...hosts]).toEqual([`pos.invalid:${port}`]);
});

test.each([
  [
    '--url http://127.0.0.1:1',
    /^It was not possible to reach http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED.*\.\n$/,
  ],
  ['--url 127.0.0.1:3000', /^--url must be an http or https URL, alone or with the path \/api\/.*\.\n$/],
  ['--url https://pos.example/prod', /^--url must be /],
  ['--url https://pos.example --auth basic', /^--auth is "basic", but may be iam, token or none\.\n$/],
  ['--url https://pos.example --auth token', /^--auth token sends the variable TOKEN, which is not set\.\n$/],
  ['--url https://pos.example --auth iam', /^The region is missing: set the variable AWS_REGION\.\n$/],
  ['--url http://pos.example --auth iam', /^Credentials are only sent by https: /],
  ['--url https://pos.example --cert a.pem', /^--cert and --key need each other\.\n$/],
  ['--url https://pos.example --cert /no.pem --key /no.key', /^--cert or --key cannot be read: ENOENT/],
  [
    '--stage prod',
    /^Give --url, such as http:\/\/127\.0\.0\.1:3000, or --table with the name of a table\.\n$/,
  ],
  ['--table x', /^The region is missing/],
])('smoke %s ends with a sentence', async (args, sentence) => {
  const { exitCode, errors } = await smoke(args);
  expect(exitCode).toBe(1);
  expect(errors).toMatch(sentence);
});

describe('smoke --stage', () => {
  const QUERIES = [
    { name: 'connection-logout-prod/one-request', queryString: 'a', logGroupNames: ['function', 'access'] },
    { name: 'connection-logout-prod/outcomes', queryString: 'b', logGroupNames: ['function'] },
  ];

  /** Runs it with a server that speaks the protocol of CloudWatch Logs, and may refuse an operation or a query. */
  async function smokeWithLogs(queries: object[], refused?: string) {
    let pages = 0;
    const endpoint = await serve(async (request, response) => {
      const input = (await json(request)) as Record<string, string>;
      const operation = String(request.headers['x-amz-target']).replace('Logs_20140328.', '');
      const [, id] = /request_id = "(.*)"/.exec(input.filterPattern ?? '') ?? [];
      const isFound = (line: string) =>
        line.includes(String(id)) && Date.parse(JSON.parse(line).timestamp) >= Number(input.startTime);
      const outputs: Record<string, () => object> = {
        DescribeQueryDefinitions: () => ({ queryDefinitions: queries }),
        // The first page is empty, as AWS says that it may be.
        FilterLogEvents: () =>
          pages++ % 2 === 0
            ? { events: [], nextToken: 'next' }
            : { events: service.lambda.output.filter(isFound) },
        StartQuery: () => ({ queryId: '1' }),
      };
      const isRefused = refused !== undefined && [operation, input.queryString].includes(refused);
      response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(isRefused ? { __type: 'Refusal', message: 'no' } : outputs[operation]?.()));
    });
    const environment = { ...CREDENTIALS, AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpoint };
    return smoke(`--url ${service.url} --stage prod`, environment);
  }

  test("finds a request's line in both logs, and has every saved query accepted", async () => {
    const { exitCode, output, errors } = await smokeWithLogs(QUERIES);
    expect([exitCode, errors, failedChecks(output)]).toEqual([0, '', []]);
    for (const name of ["a request's line in function", "a request's line in access"]) {
      expect(output).toContain(`✓ ${name}\n`);
    }
  });

  test('fails on a query that CloudWatch refuses, with the reason', async () => {
    const { exitCode, output } = await smokeWithLogs(QUERIES, 'b');
    expect([exitCode, failedChecks(output)]).toEqual([
      1,
      ['✗ the saved query connection-logout-prod/outcomes'],
    ]);
    expect(output).toContain('    Refusal: no\n');
  });

  test('ends with a sentence where a log may not be searched', async () => {
    const { exitCode, errors } = await smokeWithLogs(QUERIES, 'FilterLogEvents');
    expect([exitCode, errors]).toEqual([1, 'It was not possible to search function: Refusal: no.\n']);
  });

  test('ends with a sentence where no stack of that stage has saved queries', async () => {
    const { exitCode, errors } = await smokeWithLogs([]);
    expect(exitCode).toBe(1);
    expect(errors).toBe('There are no saved queries of connection-logout-prod in eu-west-1.\n');
  });
});

describe('smoke --table', () => {
  const uppercase = randomUUID().toUpperCase();
  const overlong = 'x'.repeat(257);

  test.each<[what: string, changes: Record<string, unknown>, reason?: RegExp]>([
    ['is logged in', {}],
    ['holds NULLs', { date_logout: null, locator: null, message: null }],
    ['holds a date of the year 0001', { date_logout: '0001-01-01T00:00:00' }],
    ['has an upper-case user', { id_user: uppercase }, /^id_user is not a GUID in lower case/],
    ['has a user without hyphens', { id_user: '0'.repeat(31) + 1 }, /^id_user is not .* with hyphens alone/],
    ['has a user that is not a GUID', { id_user: 'me' }, /^id_user must be a GUID/],
    ['has an overlong locator', { locator: overlong }, /^locator must be .* at most 256 /],
    ['has a number for terminal', { terminal_id: 412 }, /^terminal_id is not a string\.$/],
    ['was logged out at no date', { date_logout: 'open' }, /^date_logout must be a date/],
    ['is open until 9999', { date_logout: '9999-12-31T00:00:00Z' }, /^date_logout .* 5 minutes/],
    ['was logged out at a number', { date_logout: 0 }, /^date_logout is not a string\.$/],
  ])(
    'names what keeps an item from being logged out that %s, and the call agrees',
    async (_, changes, reason) => {
      const item = openConnection(changes);
      const obstacles = findObstacles(marshall(item), Date.now());
      expect(obstacles).toEqual(reason ? [expect.stringMatching(reason)] : []);
      await service.table.put(item);
      const { message: _message, ...given } = item as Record<string, unknown>;
      const body = JSON.stringify({ ...given, date_logout: '2026-05-09T17:00:00Z' });
      const { status } = await send(service.url, { contentType: 'application/json', body });
      expect(status === 200).toBe(reason === undefined);
    },
  );

  test('names a padded value, which a terminal may send without its padding', () => {
    const obstacles = findObstacles(marshall(openConnection({ terminal_id: 'T-1   ' })), Date.now());
    expect(obstacles).toEqual(['terminal_id is padded with whitespace.']);
  });

  test('fails with the id of such an item, and with no value of it', async () => {
    const item = openConnection({ id_user: uppercase });
    await service.table.put(item);
    const { exitCode, output } = await smoke(`--table ${service.table.tableName}`, {
      ...CREDENTIALS,
      AWS_ENDPOINT_URL_DYNAMODB: service.table.endpoint,
    });
    expect(exitCode).toBe(1);
    expect(failedChecks(output)).toContain(`✗ the item ${item.id}`);
    expect(output).not.toContain(uppercase);
  });
});
