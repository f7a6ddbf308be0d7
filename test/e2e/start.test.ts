import { existsSync } from 'node:fs';
import { appendFile, cp, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type TestContext, test, vi } from 'vitest';
import { findFreePort } from '../../tools/local/ports.ts';
import { LocalStart } from '../support/local-start.ts';
import { WAIT } from '../support/server.ts';
import { openTable } from '../support/table.ts';

const PROJECT = join(import.meta.dirname, '../..');
const ready = /Ctrl-C ends everything/;

function start(
  { onTestFinished }: TestContext,
  ...args: ConstructorParameters<typeof LocalStart>
): LocalStart {
  const local = new LocalStart(...args);
  onTestFinished(() => local.clear());
  return local;
}

const expectNothingLeft = (local: LocalStart) => vi.waitFor(() => expect(local.isLeft).toBe(false), WAIT);

/** Sends what the printed curl line says. */
async function sendPrinted({ output, errors }: LocalStart): Promise<Response> {
  const [, method = '', url = '', body = ''] =
    /^curl -i -X (\S+) (\S+) -H 'content-type: application\/json' -d '(.*)'$/m.exec(output + errors) ?? [];
  return fetch(url, { method, body, headers: { 'content-type': 'application/json' } });
}

test.concurrent('npm start prints a curl line that logs a sample connection out, `r` puts it back, and all ends when npm is killed outright', async (context) => {
  const local = start(context, { TIME_ZONE: 'Asia/Kolkata' }, [], 'npm');
  await local.printed(ready);
  const [, endpoint = ''] = await local.printed(/(http:\/\/127\.0\.0\.1:\d+), table cmd_connection/);
  const table = openTable(endpoint, 'cmd_connection');
  context.onTestFinished(() => table.close());
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

  local.kill('SIGKILL', 'first');
  await expectNothingLeft(local);
  await expect(fetch(endpoint)).rejects.toThrow('fetch failed');
});

test
  .skipIf(!existsSync('/proc/self/stat'))
  .concurrent(
    '--raw prints the log lines alone on standard output; when the engine ends, all ends with 1 and leaves no file',
    async (context) => {
      const temporary = await mkdtemp(join(tmpdir(), 'start-'));
      context.onTestFinished(() => rm(temporary, { recursive: true }));
      const inspectPort = await findFreePort(0, 'PORT', '127.0.0.1');
      const local = start(
        context,
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
      process.kill(local.findEngine(port) as number, 'SIGKILL');
      expect(await local.exitCode()).toBe(1);
      expect(local.output).toBe(line);
      expect(local.errors).toMatch(/ ended by itself, with exit code 1/);
      await expectNothingLeft(local);
      expect(await readdir(temporary)).toEqual([]);
    },
  );

test.concurrent('a change of lambda/ is built and loaded, in a folder of any name; an error leaves what runs', async (context) => {
  const folder = join(await mkdtemp(join(tmpdir(), 'checkout-')), 'a b%20#ñ');
  context.onTestFinished(() => rm(join(folder, '..'), { recursive: true }));
  for (const name of ['cdk.json', 'package.json', 'infra', 'lambda', 'tools']) {
    await cp(join(PROJECT, name), join(folder, name), { recursive: true });
  }
  await symlink(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  const local = start(context, {}, [], 'node', folder);
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

  local.kill('SIGINT');
  expect(await local.exitCode()).toBe(0);
  await expectNothingLeft(local);
});

test.concurrent.for(['SIGTERM', 'SIGHUP'] as const)(
  'a %s before it is ready ends everything, and is not a failure',
  async (signal, context) => {
    const local = start(context, {});
    await local.printed(/The table's engine is up/);
    local.kill(signal);
    expect(await local.exitCode()).toBe(0);
    await expectNothingLeft(local);
  },
);
