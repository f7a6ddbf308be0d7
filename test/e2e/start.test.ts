import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { LocalStart } from '../support/local-start.ts';

const run = promisify(execFile);
const ready = /Ctrl-C ends everything/;

let npmStart: LocalStart | undefined;
afterEach(() => npmStart?.clear());

function start(...args: ConstructorParameters<typeof LocalStart>): LocalStart {
  npmStart = new LocalStart(...args);
  return npmStart;
}

/** @returns a folder for the PATH, with a `java` in it that calls itself so if a version is given. */
async function pathWithJava(version?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'path-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  if (version !== undefined) {
    await writeFile(join(folder, 'java'), `#!/bin/sh\necho 'openjdk version "${version}" 2024-01-01' >&2\n`);
    await chmod(join(folder, 'java'), 0o755);
  }
  return folder;
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

async function scan(endpoint: string): Promise<Record<string, unknown>[]> {
  // Any region and credentials see the table.
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-west-2',
    credentials: { accessKeyId: 'anybody', secretAccessKey: 'x' },
  });
  const { Items } = await DynamoDBDocumentClient.from(client).send(
    new ScanCommand({ TableName: 'cmd_connection' }),
  );
  client.destroy();
  return Items ?? [];
}

describe('npm start', () => {
  test('prints the URL, the DynamoDB endpoint and a curl line that logs a sample connection out', async () => {
    const { printed, errors } = bound(start({ TIME_ZONE: 'Asia/Kolkata' }, [], 'npm'));
    await printed(ready);
    const [, url] = await printed(/(http:\/\/127\.0\.0\.1:\d+\/api\/tt_cmd_connection\/logout)/);
    const [, endpoint = ''] = await printed(/(http:\/\/127\.0\.0\.1:\d+), table cmd_connection/);
    const [curl] = await printed(/^curl .*$/m);
    expect(curl).toContain(url);

    const before = await scan(endpoint);
    const open = before.filter(({ date_logout }) => typeof date_logout !== 'string');
    expect([before.length, open.length]).toEqual([6, 5]);

    // Pasted as it is; a bare machine may have no curl, and then fetch sends what the line says.
    const answer = (await hasCurl()) ? (await run('sh', ['-c', curl])).stdout : await fetchLike(curl);
    expect(answer).toContain('HTTP/1.1 200 OK');
    const { id, date_logout } = JSON.parse(answer.slice(answer.indexOf('{')));
    // The server's clock, in the zone that was asked for.
    expect(date_logout).toMatch(/\+05:30$/);
    const after = await scan(endpoint);
    expect(after.find((item) => item.id === id)).toMatchObject({ date_logout, success: true });

    const requestId = /apigw-requestid: (\S+)/i.exec(answer)?.[1] ?? '';
    const lines = (await printed(new RegExp(`.*${requestId}.*`)))[0];
    expect(lines).toMatch(/ 200 logged_out +\d+ ms /);
    expect(lines).toContain(`connection ${id}  terminal `);
    expect(errors()).toBe('');
  });

  test('takes the SDK’s own endpoint variable to the function', async () => {
    const { printed } = bound(start({ AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' }));
    await printed(ready);
    const [, url = '', id = ''] = await printed(/^curl .* (http\S+) .*"id":"([^"]+)"/m);
    const headers = { 'content-type': 'application/json' };
    const { status } = await fetch(url, { method: 'PUT', headers, body: JSON.stringify({ id }) });
    // Nobody listens there: the table cannot be reached.
    expect(status).toBe(503);
    await printed(/ 503 store_unavailable .*cause: /);
  });
});

describe('what is wrong is told in one sentence, with exit code 1', () => {
  const sentence = async (environment: NodeJS.ProcessEnv, args: string[] = []) => {
    const { exitCode, errors, output } = bound(start(environment, args));
    expect(await exitCode()).toBe(1);
    expect(output()).toBe('');
    expect(errors()).toMatch(/^[^\n]+\.\n$/);
    return errors().trim();
  };

  test.each([
    ['PORT', '127.0.0.1'],
    ['DYNAMODB_PORT', undefined],
    ['DYNAMODB_PORT', '127.0.0.1'],
  ])('%s is in use, on %s', async (variable, host) => {
    const server = createServer().listen(0, host);
    onTestFinished(() => void server.close());
    await vi.waitFor(() => expect(server.listening).toBe(true));
    const { port } = server.address() as { port: number };
    expect(await sentence({ [variable]: String(port) })).toMatch(
      new RegExp(
        `^Port ${port} is in use .*: stop .*, or choose another with the variable ${variable}, such as `,
      ),
    );
  });

  test.each([
    [{ TIME_ZONE: 'Middle/Earth' }, /^TIME_ZONE is "Middle\/Earth": give an IANA time zone, such as UTC or /],
    [{ TIME_ZONE: '+01:00' }, /^TIME_ZONE is /],
    [{ PORT: 'http' }, /^PORT is "http": give a port from 1 to 65535, such as 3000/],
    [{ PORT: '65536' }, /^PORT is "65536"/],
    [{ DYNAMODB_PORT: '-1' }, /^DYNAMODB_PORT is "-1": .*such as 8000/],
    [{ PORT: '4000', DYNAMODB_PORT: '4000' }, /^PORT and DYNAMODB_PORT are both 4000/],
    [
      { AWS_ENDPOINT_URL_DYNAMODB: 'localhost:8000' },
      /^AWS_ENDPOINT_URL_DYNAMODB is "localhost:8000": give a URL/,
    ],
  ])('%o', async (environment, expected) => {
    expect(await sentence(environment)).toMatch(expected);
  });

  test('an unknown argument', async () => {
    expect(await sentence({}, ['--port', '1'])).toMatch(
      /^There is no argument "--port": `npm start -- --help`/,
    );
  });

  test('no Java and no Docker', async () => {
    expect(await sentence({ PATH: await pathWithJava() })).toMatch(
      /needs Java, and there is none on the PATH: install Java 17 or later .*apt-get install .*Docker/,
    );
  });

  test.each(['11.0.2', '1.8.0_402'])('Java %s is too old', async (version) => {
    expect(await sentence({ PATH: await pathWithJava(version) })).toMatch(
      /needs Java 17, and the one on the PATH is (11|8): install Java 17 or later/,
    );
  });
});

test('--help lists the variables', async () => {
  const { exitCode, output } = bound(start({}, ['--help']));
  expect(await exitCode()).toBe(0);
  for (const name of ['PORT', 'DYNAMODB_PORT', 'TIME_ZONE', 'AWS_ENDPOINT_URL_DYNAMODB']) {
    expect(output()).toContain(name);
  }
});

describe('the end', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s to the group ends everything within two seconds, with exit code 0',
    async (signal) => {
      const npm = start({});
      const { printed, exitCode, errors } = bound(npm);
      await printed(ready);
      const since = performance.now();
      npm.kill(signal);
      expect(await exitCode()).toBe(0);
      expect(performance.now() - since).toBeLessThan(2_000);
      expect(npm.isLeft).toBe(false);
      expect(errors()).toBe('');
    },
  );

  test('Ctrl-C while npm runs it leaves nothing behind', async () => {
    const npm = start({}, [], 'npm');
    await npm.printed(ready);
    npm.kill('SIGINT');
    await npm.exitCode();
    await vi.waitFor(() => expect(npm.isLeft).toBe(false), 2_000);
  });

  test('Ctrl-C before it is ready is no failure either', async () => {
    const npm = start({});
    await npm.printed(/The function is built/);
    npm.kill('SIGINT');
    expect(await npm.exitCode()).toBe(0);
    await vi.waitFor(() => expect(npm.isLeft).toBe(false), 2_000);
    expect(npm.errors).toBe('');
  });

  test('killed outright, it takes DynamoDB Local with it', async () => {
    const npm = start({});
    await npm.printed(ready);
    const [, endpoint = ''] = await npm.printed(/DynamoDB\s+(http:\/\/127\.0\.0\.1:\d+)/);
    expect(await answers(endpoint)).toBe(true);
    npm.kill('SIGKILL', 'first');
    await vi.waitFor(async () => expect(await answers(endpoint)).toBe(false), 5_000);
  });

  test.runIf(existsSync('/proc/self/stat'))('DynamoDB Local ending by itself is an error', async () => {
    const npm = start({});
    await npm.printed(ready);
    process.kill((await npm.pidOf('DynamoDBLocal.jar')) as number, 'SIGTERM');
    expect(await npm.exitCode()).toBe(1);
    expect(npm.errors).toBe('DynamoDB Local ended by itself, with exit code 143.\n');
    expect(npm.isLeft).toBe(false);
  });
});

/** @returns the methods, to be called without the object. */
function bound(npm: LocalStart) {
  return {
    printed: (pattern: RegExp) => npm.printed(pattern),
    exitCode: () => npm.exitCode(),
    output: () => npm.output,
    errors: () => npm.errors,
  };
}

async function hasCurl(): Promise<boolean> {
  return run('curl', ['--version']).then(
    () => true,
    () => false,
  );
}

/** Sends what a curl line says, and gives back what `curl -i` prints. */
async function fetchLike(line: string): Promise<string> {
  const [, method = '', url = '', body = ''] = /-X (\S+) (\S+) .* -d '(.*)'$/.exec(line) ?? [];
  const answer = await fetch(url, { method, body, headers: { 'content-type': 'application/json' } });
  const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
  return `HTTP/1.1 ${answer.status} ${answer.statusText}\n${headers}\n\n${await answer.text()}`;
}
