import { existsSync } from 'node:fs';
import { appendFile, cp, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { findFreePort } from '../../tools/local/ports.ts';
import { LocalStart } from '../support/local-start.ts';
import { WAIT } from '../support/server.ts';
import { openTable } from '../support/table.ts';

const PROJECT = join(import.meta.dirname, '../..');
const ready = /Ctrl-C ends everything/;

let run: LocalStart | undefined;
afterEach(() => run?.clear());

function start(...args: ConstructorParameters<typeof LocalStart>): LocalStart {
  run = new LocalStart(...args);
  return run;
}

/** Sends what the printed curl line says. */
async function sendPrinted({ output, errors }: LocalStart): Promise<Response> {
  const [, method = '', url = '', body = ''] =
    /^curl -i -X (\S+) (\S+) -H 'content-type: application\/json' -d '(.*)'$/m.exec(output + errors) ?? [];
  return fetch(url, { method, body, headers: { 'content-type': 'application/json' } });
}

const responds = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

test('npm start prints a curl line that logs a sample connection out, and `r` puts it back', async () => {
  const local = start({ TIME_ZONE: 'Asia/Kolkata' }, [], 'npm');
  await local.printed(ready);
  const [, endpoint = ''] = await local.printed(/(http:\/\/127\.0\.0\.1:\d+), table cmd_connection/);
  const table = openTable(endpoint, 'cmd_connection');
  onTestFinished(() => table.close());
  const before = await table.scan();
  expect(before.length).toBe(4);

  const response = await sendPrinted(local);
  expect(response.status).toBe(200);
  const { id, date_logout } = (await response.json()) as Record<string, string>;
  // The server's clock, in the zone that was asked for.
  expect(date_logout).toMatch(/\+05:30$/);
  expect(await table.get(id as string)).toMatchObject({ date_logout, success: true });
  const requestId = response.headers.get('apigw-requestid');
  const [line] = await local.printed(new RegExp(`.*${requestId}.*`));
  expect(line).toMatch(/200 logged_out +\d+ ms /);
  await local.printed(new RegExp(`^ +connection_id=${id}  terminal_id=`, 'm'));

  local.type('r');
  await local.printed(/sample connections are as they were/);
  expect(await table.scan()).toEqual(before);

  local.kill('SIGINT');
  await local.exitCode();
  await vi.waitFor(() => expect(local.isLeft).toBe(false), WAIT);
});

test.skipIf(!existsSync('/proc/self/stat'))(
  '--raw prints the log lines alone on standard output; when the engine ends, all ends with 1 and leaves no file',
  async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'start-'));
    onTestFinished(() => rm(temporary, { recursive: true }));
    const inspectPort = await findFreePort(0, 'PORT', '127.0.0.1');
    const local = start(
      {
        TMPDIR: temporary,
        // The SDK's own variable reaches the function. Nothing listens there: the table cannot be reached.
        AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
        // A debugger for the local run itself is in its process only: no other process asks for its port.
        NODE_OPTIONS: `--inspect=127.0.0.1:${inspectPort}`,
      },
      ['--raw'],
    );
    await local.printed(ready, 'errors');
    expect((await sendPrinted(local)).status).toBe(503);
    const [line] = await local.printed(/^.*\n/);
    expect(JSON.parse(line)).toMatchObject({ outcome: 'store_unavailable', _aws: {} });
    expect(local.errors).not.toContain('address already in use');

    const [, port = ''] = await local.printed(/DynamoDB\s+http:\/\/127\.0\.0\.1:(\d+)/, 'errors');
    process.kill((await local.findPid(port, 'engine-supervisor')) as number, 'SIGKILL');
    expect(await local.exitCode()).toBe(1);
    expect(local.output).toBe(line);
    expect(local.errors).toMatch(/ ended by itself, with exit code 1/);
    await vi.waitFor(() => expect(local.isLeft).toBe(false), WAIT);
    expect(await readdir(temporary)).toEqual([]);
  },
);

test('a change of lambda/ is built and loaded, in a folder of any name; an error leaves what runs', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'checkout-')), 'a b%20#ñ');
  onTestFinished(() => rm(join(folder, '..'), { recursive: true }));
  for (const name of ['cdk.json', 'package.json', 'infra', 'lambda', 'tools']) {
    await cp(join(PROJECT, name), join(folder, name), { recursive: true });
  }
  await symlink(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  const local = start({}, [], 'node', folder);
  await local.printed(ready);

  const handler = join(folder, 'lambda/handler.ts');
  await appendFile(handler, '\nconsole.log("changed");\n');
  await local.printed(/function: changed/);
  await local.printed(/built and loaded again \d\.\d s/);
  await appendFile(handler, 'const = 1;\n');
  await local.printed(
    /\[ERROR\] .*\n\n +lambda\/handler\.ts:\d+.*The code from before this change still/s,
    'errors',
  );
  // The message of a defect names the file and line of its source, wherever the bundle has it.
  await writeFile(handler, 'function broken(): never {\n  throw new Error("broken");\n}\nbroken();\n');
  await local.printed(/does not load: Error: broken/, 'errors');
  await local.printed(/at .*lambda\/handler\.ts:2:\d+/, 'errors');
  expect((await sendPrinted(local)).status).toBe(200);

  local.kill('SIGHUP');
  expect(await local.exitCode()).toBe(0);
});

test('where dist cannot be written, it ends with a sentence', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'checkout-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of ['cdk.json', 'package.json', 'infra', 'lambda', 'tools', 'node_modules']) {
    await symlink(join(PROJECT, name), join(folder, name));
  }
  await writeFile(join(folder, 'dist'), '');
  const local = start({ NODE_OPTIONS: '--preserve-symlinks --preserve-symlinks-main' }, [], 'node', folder);
  expect(await local.exitCode()).toBe(1);
  expect(local.errors).toMatch(
    /^The build cannot write to .*dist\/\w+: .*\. Delete it, or let this user write there\.\n$/,
  );
});

test('a stop before it is ready is not a failure', async () => {
  const local = start({});
  await local.printed(/The table's engine is up/);
  local.kill('SIGTERM');
  expect(await local.exitCode()).toBe(0);
  await vi.waitFor(() => expect(local.isLeft).toBe(false), WAIT);
});

test('when npm is killed outright, everything ends', async () => {
  const local = start({}, [], 'npm');
  await local.printed(ready);
  const [, endpoint = ''] = await local.printed(/DynamoDB\s+(http:\/\/127\.0\.0\.1:\d+)/);
  local.kill('SIGKILL', 'first');
  await vi.waitFor(() => expect(local.isLeft).toBe(false), WAIT);
  expect(await responds(endpoint)).toBe(false);
});
