import { execFile } from 'node:child_process';
import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smokeCommand } from '../../tools/smoke/smoke.ts';
import { CREDENTIALS, isSigned, serveAuthorizer } from '../support/authorizer.ts';
import { openConnection } from '../support/connections.ts';
import { fakeCloudWatchLogs } from '../support/fake-cloudwatch-logs.ts';
import { type LocalService, startLocalService } from '../support/local-service.ts';
import { runInProcess } from '../support/run-in-process.ts';
import { serve } from '../support/server.ts';
import { itemsOf } from '../support/table.ts';

let service: LocalService;
beforeAll(async () => {
  service = await startLocalService();
});
afterAll(() => service.close());

const smoke = (args: string, environment?: Record<string, string>) =>
  runInProcess(smokeCommand, args.split(' '), environment);

const failedChecks = (output: string) =>
  output
    .split('\n')
    .filter((line) => line.startsWith('✗'))
    .map((line) => line.slice(2, 44).trim());

/** As a role's, with a session. */
const ROLE = { ...CREDENTIALS, AWS_SESSION_TOKEN: 'session' };

describe('smoke against the local service', () => {
  test('passes, and writes nothing', async () => {
    const item = openConnection();
    await service.table.put(item);
    // As a process, to see that the command runs as one.
    const args = ['tools/smoke/smoke.ts', '--url', new URL(service.url).origin];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(failedChecks(stdout)).toEqual([]);
    expect(stdout).toMatch(/^✓ the function, its permission, the table/m);
    expect(await itemsOf(service.table)).toEqual([item]);
  });

  test('with --auth jwt fails, since the endpoint refuses no one', async () => {
    const { exitCode, output } = await smoke(`--url ${service.url} --auth jwt --token a.b.c`);
    expect(exitCode).toBe(1);
    expect(failedChecks(output)).toEqual([
      'a caller without credentials',
      'a caller with forged credentials',
    ]);
    expect(output).toContain('the status is 404, but must be 401 or 403.');
  });
});

describe('smoke against an endpoint that asks for credentials', () => {
  const signed = () => serveAuthorizer(service.url, isSigned);

  test('with --auth iam signs its requests, and finds that others are refused', async () => {
    const { exitCode, output, errors } = await smoke(`--url ${await signed()} --auth iam`, ROLE);
    expect([exitCode, errors, failedChecks(output)]).toEqual([0, '', []]);
    expect(output).toMatch(/^✓ a caller without credentials /m);
  });

  test('with --auth iam and another secret fails, and does not show the secret', async () => {
    const { exitCode, output, errors } = await smoke(`--url ${await signed()} --auth iam`, {
      ...ROLE,
      AWS_SECRET_ACCESS_KEY: 'a-wrong-one',
    });
    expect(exitCode).toBe(1);
    expect(output).toContain('the status is 403, but must be 404.');
    expect(output + errors).not.toContain('a-wrong-one');
  });

  test.each([
    ['jwt', 'Bearer a.good.one'],
    ['lambda', 'a.good.one'],
  ])('with --auth %s sends the header authorization: %s', async (auth, header) => {
    const url = await serveAuthorizer(service.url, ({ headers }) => headers.authorization === header);
    const { exitCode, output } = await smoke(`--url ${url} --auth ${auth}`, { TOKEN: 'a.good.one' });
    expect([exitCode, failedChecks(output)]).toEqual([0, []]);
  });

  test('with --auth none says what is missing', async () => {
    const { exitCode, output } = await smoke(`--url ${await signed()}`);
    expect(exitCode).toBe(1);
    expect(output).toContain('The endpoint asks for credentials: give --auth iam, jwt or lambda.');
  });

  test('with --auth iam and without credentials ends with a sentence and exit code 2', async () => {
    const { exitCode, output, errors } = await smoke(
      '--url https://pos.invalid --auth iam --region eu-west-1',
    );
    expect([exitCode, output]).toEqual([2, '']);
    expect(errors).toMatch(/^There are no AWS credentials to sign requests with: .*AWS_PROFILE.*\.\n$/);
  });
});

test('smoke shows nothing of what the server echoes: no token, key or signature', async () => {
  const url = await serve((request, response) => {
    const { 'content-length': _, connection: __, ...headers } = request.headers;
    const echo = JSON.stringify(headers);
    const body = { code: echo, message: headers.authorization };
    response
      .writeHead(404, { ...headers, 'content-type': String(headers.authorization), 'apigw-requestid': '1' })
      .end(JSON.stringify(body));
  });
  const asJwt = await smoke(`--url ${url} --auth jwt --token the.secret.token`);
  const asIam = await smoke(`--url ${url} --auth iam`, ROLE);
  expect([asJwt.exitCode, asIam.exitCode]).toEqual([1, 1]);
  const shown = [asJwt, asIam].map(({ output, errors }) => output + errors).join();
  expect(shown).not.toMatch(/the\.secret\.token|AKIDEXAMPLE|Signature|session|Bearer/);
});

test.each([
  ['--url http://127.0.0.1:1', /^Nothing answers at http:\/\/127\.0\.0\.1:1: connect ECONNREFUSED .*\.\n$/],
  ['--url http://nowhere.invalid', /^Nothing answers at http:\/\/nowhere\.invalid: getaddrinfo .*\.\n$/],
  ['--url 127.0.0.1:3000', /^--url is "127\.0\.0\.1:3000", but must be [^\n]+\.\n$/],
])('smoke %s ends with a sentence and exit code 2', async (args, sentence) => {
  const { exitCode, output, errors } = await smoke(args);
  expect(exitCode).toBe(2);
  expect(output).not.toMatch(/[✓✗]/);
  expect(errors).toMatch(sentence);
});

describe('smoke --stage', () => {
  const FUNCTION_LOG = 'connection-logout-prod-LogoutLog';
  const ACCESS_LOG = '/aws/vendedlogs/connection-logout-prod/abc';
  const QUERIES = [
    {
      name: 'connection-logout-prod/one',
      queryString: 'filter request_id = "PASTE-REQUEST-ID"',
      logGroupNames: [FUNCTION_LOG, ACCESS_LOG],
    },
    {
      name: 'connection-logout-prod/two',
      queryString: 'stats count(*) by outcome',
      logGroupNames: [FUNCTION_LOG],
    },
  ];

  /** Runs it with a fake of CloudWatch Logs to which each request's line comes. */
  async function smokeWithLogs(change: (logs: Parameters<typeof fakeCloudWatchLogs>[0]) => void = () => {}) {
    const logs: Parameters<typeof fakeCloudWatchLogs>[0] = {
      queries: [...QUERIES],
      events: [],
      malformed: [],
    };
    change(logs);
    const fake = await fakeCloudWatchLogs(logs);
    const logRequest = (headers: IncomingHttpHeaders) => {
      const message = JSON.stringify({ request_id: headers['apigw-requestid'] });
      for (const logGroupName of [FUNCTION_LOG, ACCESS_LOG]) {
        logs.events.push({ logGroupName, timestamp: Date.now(), message });
      }
    };
    const url = await serveAuthorizer(service.url, () => true, logRequest);
    const environment = { ...ROLE, AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: fake.endpoint };
    return { ...(await smoke(`--url ${url} --stage prod`, environment)), requests: fake.requests };
  }

  test('finds the lines of a request in both logs, and runs every saved query', async () => {
    const { exitCode, output, errors, requests } = await smokeWithLogs();
    expect([exitCode, errors, failedChecks(output)]).toEqual([0, '', []]);
    expect(output).toMatch(/^✓ the saved query two /m);
    const started = requests.filter(({ operation }) => operation === 'StartQuery').map(({ input }) => input);
    expect(started).toMatchObject([
      { queryString: 'filter request_id = "none"', logGroupNames: [FUNCTION_LOG, ACCESS_LOG] },
      { queryString: 'stats count(*) by outcome', logGroupNames: [FUNCTION_LOG] },
    ]);
  });

  test('fails on a query that CloudWatch refuses, with the reason', async () => {
    const { exitCode, output } = await smokeWithLogs(({ malformed }) =>
      malformed.push('stats count(*) by outcome'),
    );
    expect(exitCode).toBe(1);
    expect(failedChecks(output)).toEqual(['the saved query two']);
    expect(output).toContain('MalformedQueryException: unexpected symbol found at line 1.\n');
  });

  test.each([
    [
      'a stage without a stack',
      (logs: { queries: object[] }) => void logs.queries.splice(0),
      /^There is no stack connection-logout-prod in eu-west-1: /,
    ],
    [
      'credentials without the permission',
      (logs: { error?: [string, string] }) => {
        logs.error = ['AccessDeniedException', 'User is not authorized.'];
      },
      /^The credentials give no permission to list the saved queries of the stack: User is not authorized\.\n$/,
    ],
  ])('ends with a sentence and exit code 2 for %s', async (_, change, sentence) => {
    const { exitCode, errors } = await smokeWithLogs(change);
    expect(exitCode).toBe(2);
    expect(errors).toMatch(sentence);
  });
});
