import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type LocalStack, startLocalStack } from '../../tools/local/stack.ts';
import { send } from '../../tools/soak/http.ts';
import { verifySigV4 } from '../support/sigv4.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack();
});
afterAll(() => stack.close());

/** Runs `npm run smoke` as a person does, but for npm. */
async function smoke(args: string, environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ['tools/smoke/smoke.ts', ...args.split(' ')], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: 'true', ...environment },
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exitCode: child.exitCode, output, errors };
}

/** @returns the URL of a server that lives as long as the test. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An authorizer in front of the local stack, which has none: of the route it lets pass whom `admits` does. */
function guarded(
  status: number,
  admits: (request: IncomingMessage, body: Buffer) => boolean,
): Promise<string> {
  return serve(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const body = Buffer.concat(await request.toArray());
    const isRoute = `${method} ${url}` === `${stack.method} ${new URL(stack.url).pathname}`;
    if (isRoute && !admits(request, body)) {
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"message":"Forbidden"}');
      return;
    }
    const forwarded = { ...(headers as Record<string, string>), host: new URL(stack.url).host };
    const answer = await send(new URL(url, stack.url).href, { method, headers: forwarded, body });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
}

const wrongLines = (output: string) => output.split('\n').filter((line) => line.startsWith('✗'));

describe('against npm start', () => {
  test('all is as the contract says, and nothing is written', async () => {
    const client = new DynamoDBClient({
      endpoint: stack.dynamodbEndpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    });
    const items = async () => (await client.send(new ScanCommand({ TableName: stack.tableName }))).Items;
    const before = await items();
    const { exitCode, output, errors } = await smoke(`--url ${new URL(stack.url).origin}`);
    expect([exitCode, errors, wrongLines(output)]).toEqual([0, '', []]);
    expect(output).toMatch(/^All \d+ checks are as the contract says\.$/m);
    expect(output).toMatch(
      /^Answer times: the first \d+ ms; then, of 10 in a row, median \d+ ms, worst \d+ ms\.$/m,
    );
    expect(output).toContain('✓ every wrong field is named, in order');
    expect(await items()).toEqual(before);
    client.destroy();
  });

  test('an endpoint that lets everybody in is no endpoint with --auth jwt', async () => {
    const { exitCode, output } = await smoke(`--url ${stack.url} --auth jwt --token a.b.c`);
    expect(exitCode).toBe(1);
    expect(wrongLines(output).map((line) => line.slice(2, 46).trim())).toEqual([
      'a caller without credentials is refused',
      'a caller with forged credentials is refused',
    ]);
    expect(output).toContain('the status is 404, but must be 401.');
  });
});

describe('against an endpoint that asks for credentials', () => {
  const CREDENTIALS = {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 's',
  };

  const signed = () =>
    guarded(403, (request, body) => {
      const { method = '', url = '', headers } = request;
      const found = verifySigV4({ method, path: url, headers, body }, { AKIDEXAMPLE: 'secret' });
      return found?.region === 'eu-west-1' && found.service === 'execute-api';
    });

  test('--auth iam signs every request, and finds that others are refused', async () => {
    const { exitCode, output, errors } = await smoke(
      `--url ${await signed()} --auth iam --region eu-west-1`,
      CREDENTIALS,
    );
    expect([exitCode, errors, wrongLines(output)]).toEqual([0, '', []]);
    expect(output).toMatch(/✓ a caller without credentials is refused +403, by the gateway/);
  });

  test('--auth iam with another secret is refused, and the secret is not shown', async () => {
    const { exitCode, output, errors } = await smoke(
      `--url ${await signed()} --auth iam --region eu-west-1`,
      {
        ...CREDENTIALS,
        AWS_SECRET_ACCESS_KEY: 'a-wrong-one',
      },
    );
    expect(exitCode).toBe(1);
    expect(output).toContain('the status is 403, but must be 404.');
    expect(output + errors).not.toContain('a-wrong-one');
  });

  test('--auth jwt shows its token', async () => {
    const url = await guarded(401, ({ headers }) => headers.authorization === 'Bearer a.good.one');
    const { exitCode, output } = await smoke(`--url ${url} --auth jwt`, { TOKEN: 'a.good.one' });
    expect([exitCode, wrongLines(output)]).toEqual([0, []]);
  });

  test('--auth none says what is missing', async () => {
    const { exitCode, output } = await smoke(`--url ${await signed()}`);
    expect(exitCode).toBe(1);
    expect(output).toContain('It asks callers for credentials: give --auth iam or --auth jwt.');
  });

  test('--auth iam without credentials', async () => {
    const { exitCode, output, errors } = await smoke(
      '--url https://pos.invalid --auth iam --region eu-west-1',
      {
        HOME: '/nonexistent',
      },
    );
    expect([exitCode, output]).toEqual([2, '']);
    expect(errors).toMatch(/^There are no AWS credentials to sign with: .*AWS_PROFILE.*\.\n$/);
  });
});

describe('a difference is seen', () => {
  /** The local stack, with its answers changed on their way. */
  const changed = (
    change: (answer: { status: number; headers: Record<string, unknown>; body: string }) => void,
  ) =>
    serve(async (request, response) => {
      const { method = '', url = '', headers } = request;
      const body = Buffer.concat(await request.toArray());
      const sent = { ...(headers as Record<string, string>), host: new URL(stack.url).host };
      const answer = await send(new URL(url, stack.url).href, { method, headers: sent, body });
      const { 'content-length': _, ...kept } = answer.headers;
      const different = { ...answer, headers: { ...kept } as Record<string, string> };
      change(different);
      response.writeHead(different.status, different.headers).end(different.body);
    });

  test.each([
    [
      'a header is missing',
      'the header cache-control is missing, but must be no-store.',
      'cache-control',
      undefined,
    ],
    [
      'a charset in other letters',
      'is application/json;charset=UTF-8, but must be application/json; charset=utf-8.',
      'content-type',
      'application/json;charset=UTF-8',
    ],
    ['another request id', '"request_id":"another="', 'apigw-requestid', 'another='],
  ])('%s', async (_, sentence, name, value) => {
    const url = await changed(({ headers }) => {
      if (value === undefined) delete headers[name];
      else headers[name] = value;
    });
    const { exitCode, output } = await smoke(`--url ${url}`);
    expect(exitCode).toBe(1);
    expect(output).toContain(sentence);
    expect(output).toMatch(/^\d+ of \d+ checks differ from the contract\.$/m);
  });

  test('an error that is not named, another order of names, blanks in a body, another text of the gateway', async () => {
    const url = await changed((answer) => {
      const body = JSON.parse(answer.body);
      if (body.errors?.length > 1) body.errors.pop();
      if (body.code === 'malformed_body') answer.body = JSON.stringify({ code: body.code, ...body });
      else if (body.code === 'body_too_large') answer.body = JSON.stringify(body, null, 1);
      else if (answer.body.includes('Not Found')) answer.body = '{"message":"No"}';
      else answer.body = JSON.stringify(body);
    });
    const { exitCode, output } = await smoke(`--url ${url}`);
    expect(exitCode).toBe(1);
    expect(wrongLines(output).map((line) => line.slice(2, 50).trim())).toEqual([
      'every wrong field is named, in order',
      'JSON that breaks off',
      'JSON that is no object',
      'JSON with a comment',
      'a body of 64 KiB and one byte',
      'another method: POST',
      'another method: GET',
      'another path',
      'the path in another case',
      'the path with a slash behind it',
    ]);
  });

  test('a site that knows nothing of it, with a page that would move the cursor', async () => {
    const url = await serve((_, response) => response.writeHead(200).end('<h1>\u001b[2J</h1>'));
    const { exitCode, output } = await smoke(`--url ${url}`);
    expect(exitCode).toBe(1);
    expect(output).not.toContain('\u001b[2J');
    expect(output).toMatch(/^(\d+) of \1 checks differ/m);
  });

  test('an endpoint that breaks off after the first answer', async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      if (requests++ === 0) response.end();
      else response.destroy();
    });
    const { exitCode, output } = await smoke(`--url ${url}`);
    expect(exitCode).toBe(1);
    expect(output).toContain('there is no answer: ');
  });
});

describe('what could not be checked is told in one sentence, with exit code 2', () => {
  test.each([
    ['--url http://127.0.0.1:1', /^Nothing answers at http:\/\/127\.0\.0\.1:1: connect ECONNREFUSED .*\.\n$/],
    ['--url http://nobody.invalid', /^Nothing answers at http:\/\/nobody\.invalid: getaddrinfo .*\.\n$/],
    ['--url 127.0.0.1:3000', /^--url is "127\.0\.0\.1:3000", but must be [^\n]+\.\n$/],
    ['--bad', /^Unknown option '--bad': [^\n]+\.\n$/],
  ])('%s', async (args, sentence) => {
    const { exitCode, output, errors } = await smoke(args);
    expect(exitCode).toBe(2);
    expect(output.split('\n').filter((line) => /[✓✗]/.test(line))).toEqual([]);
    expect(errors).toMatch(sentence);
  });

  test('--help goes to standard output, with exit code 0', async () => {
    const { exitCode, output, errors } = await smoke('--help');
    expect([exitCode, errors]).toEqual([0, '']);
    expect(output).toContain('Exit code: 0 when all is as the contract says');
  });
});
