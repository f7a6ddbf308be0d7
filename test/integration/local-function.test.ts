import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { createEnvironment } from '../../tools/local/environment.ts';
import { LocalFunction } from '../../tools/local/function.ts';
import { WAIT } from '../support/server.ts';

/** A function that does what its event says. */
const OBEDIENT = `
  export const handler = async (event, context) => {
    switch (event) {
      case 'throw': throw new TypeError('no luck');
      case 'hang': return new Promise(() => {});
      case 'loop': while (true);
      case 'exit': process.exit(3);
      case 'crash': setImmediate(() => { throw new Error('outside of the handler'); }); return new Promise(() => {});
      case 'bigint': return 1n;
      case 'print': console.log('hello\\nworld'); console.error('oh'); return;
      case 'context': return { ...context, left: context.getRemainingTimeInMillis() };
      case 'environment': return process.env;
      default: return process.pid;
    }
  };`;

type OwnFunction = Awaited<ReturnType<typeof createOwnFunction>>;

/** Makes a function of a test's own: of a module that exports `handler`. */
async function createOwnFunction(code: string, timeoutMs = 3_000) {
  const folder = await mkdtemp(join(tmpdir(), 'local-function-'));
  const write = (newCode: string) => writeFile(join(folder, 'index.mjs'), newCode);
  await write(code);
  const template = inject('template');
  const variables = createEnvironment(template, 'http://127.0.0.1:1');
  const output: string[] = [];
  const own = new LocalFunction({ ...template.function, folder, timeoutMs, variables }, (line) =>
    output.push(line),
  );
  return {
    folder,
    /** What it printed, in order. */
    output,
    write,
    load: () => own.load(),
    invoke: async (event = ''): Promise<unknown> => JSON.parse(await own.invoke(event)),
    async close() {
      await own.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function startOwnFunction(code: string, timeoutMs?: number): Promise<OwnFunction> {
  const own = await createOwnFunction(code, timeoutMs);
  onTestFinished(() => own.close());
  return own;
}

/** For all tests that can share one. */
let obedient: OwnFunction;
beforeAll(async () => {
  obedient = await createOwnFunction(OBEDIENT);
});
afterAll(() => obedient.close());

test.each([
  ['throw', /^The function threw TypeError: no luck\n/],
  ['bigint', /^The function threw TypeError: Do not know how to serialize a BigInt/],
])('a function that fails a request goes on in its process: %s', async (event, reason) => {
  const pid = await obedient.invoke();
  await expect(obedient.invoke(event)).rejects.toThrow(reason);
  expect(await obedient.invoke()).toBe(pid);
});

test.each([
  ['exit', 'ended with 3.'],
  ['crash', 'ended with 1.'],
])('a process that ends fails its request, and several at once get one other: %s', async (event, how) => {
  const pid = await obedient.invoke();
  await expect(obedient.invoke(event)).rejects.toThrow(`The function's process ${how}`);
  const after = await Promise.all([obedient.invoke(), obedient.invoke()]);
  expect(after[0]).toBe(after[1]);
  expect(after[0]).not.toBe(pid);
});

test.each(['hang', 'loop'])(
  'a function is ended after its timeout, and the next request gets another process: %s',
  async (event) => {
    const { invoke } = await startOwnFunction(OBEDIENT, 1_000);
    await expect(invoke(event)).rejects.toThrow('The function took longer than its 1 s.');
    expect(await invoke()).toEqual(expect.any(Number));
  },
);

test.each([
  ['process.exit(7);', /^The function does not load: The function's process ended with 7\.$/],
  ['export const other = 1;', /^The function does not load: .*index\.mjs exports no function handler/],
  ['syntax error', /^The function does not load: .*SyntaxError/],
])('code that does not load is reported as that, and loads once it is right: %s', async (code, reason) => {
  const { invoke, write } = await startOwnFunction(code);
  await expect(invoke()).rejects.toThrow(reason);
  await write(OBEDIENT);
  expect(await invoke()).toEqual(expect.any(Number));
});

test('the context has what Lambda shows of the function, and the time that is left', async () => {
  expect(await obedient.invoke('context')).toEqual({
    functionName: 'connection-logout-local',
    functionVersion: '$LATEST',
    invokedFunctionArn: expect.stringMatching(/^arn:aws:lambda:.*:function:connection-logout-local$/),
    memoryLimitInMB: String(inject('template').function.memoryMb),
    awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    logGroupName: expect.any(String),
    logStreamName: expect.any(String),
    left: expect.toSatisfy((left: number) => left > 0 && left <= 3_000),
  });
});

test('of the environment of this machine the function sees the path alone', async () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('AWS_PROFILE', 'any');
  const { invoke } = await startOwnFunction(OBEDIENT);
  const variables = await invoke('environment');
  expect(variables).toMatchObject({ PATH: process.env.PATH, STAGE: 'local', _HANDLER: 'index.handler' });
  for (const name of ['AWS_PROFILE', 'HOME', 'NODE_OPTIONS']) expect(variables).not.toHaveProperty(name);
});

test('each line that the function prints is passed on', async () => {
  await obedient.invoke('print');
  await vi.waitFor(
    () => expect(obedient.output.toSorted()).toEqual(expect.arrayContaining(['hello', 'oh', 'world'])),
    WAIT,
  );
});

/** Returns its version: at once, or to the event `wait` when there is a file `go`. */
const writeVersion = (version: string) => `
  import { existsSync, writeFileSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  export const handler = async (event) => {
    if (event === 'wait') {
      writeFileSync('waiting', '');
      while (!existsSync('go')) await sleep(5);
    }
    return '${version}';
  };`;

test('a request that is in flight at a reload finishes with its code, and later ones get the new code', async () => {
  const { invoke, write, load, folder } = await startOwnFunction(writeVersion('old'), 200_000);
  const inFlight = invoke('wait');
  await vi.waitFor(() => expect(existsSync(join(folder, 'waiting'))).toBe(true), WAIT);
  await write(writeVersion('new'));
  await load();
  expect(await invoke()).toBe('new');
  await writeFile(join(folder, 'go'), '');
  expect(await inFlight).toBe('old');
});

test('a reload changes nothing if the new code does not load', async () => {
  const { invoke, write, load } = await startOwnFunction(writeVersion('old'));
  await invoke();
  await write('syntax error');
  await expect(load()).rejects.toThrow('SyntaxError');
  expect(await invoke()).toBe('old');
});

test('closing ends the process, whatever it does', async () => {
  const { invoke, close } = await createOwnFunction(OBEDIENT);
  const pid = await invoke();
  const looping = invoke('loop').catch(() => {});
  await close();
  await looping;
  expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
});
