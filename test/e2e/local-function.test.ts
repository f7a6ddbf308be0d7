import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WAIT } from '../support/server.ts';
import { startToy, type Toy } from '../support/toy-function.ts';

/** A function that does what the request's body says, one word a behaviour. */
const obedient = `
  export const handler = async ({ body }, context) => {
    switch (body) {
      case 'throw': throw new TypeError('no luck');
      case 'hang': return new Promise(() => {});
      case 'loop': while (true);
      case 'exit': process.exit(3);
      case 'crash': setImmediate(() => { throw new Error('outside of the handler'); }); return new Promise(() => {});
      case 'bigint': return { statusCode: 200, body: 1n };
      case 'no status': return { body: 'x' };
      case 'bad header': return { statusCode: 200, headers: { a: 'x\\ny' } };
      case 'print': console.log('hello\\nworld'); console.error('oh'); return { statusCode: 204 };
      case 'context': return { statusCode: 200, body: JSON.stringify({ ...context, left: context.getRemainingTimeInMillis() }) };
      case 'environment': return { statusCode: 200, body: JSON.stringify(process.env) };
      default: return { statusCode: 200, body: String(process.pid) };
    }
  };`;

/** With that function, for all tests that can share one. */
let toy: Toy;
beforeAll(async () => {
  toy = await startToy(obedient);
});
afterAll(() => toy.close());
beforeEach(() => {
  toy.reasons.length = 0;
  toy.output.length = 0;
});

async function start(code: string, timeoutMs?: number): Promise<Toy> {
  const own = await startToy(code, timeoutMs);
  onTestFinished(() => own.close());
  return own;
}

const internalServerError = { status: 500, body: '{"message":"Internal Server Error"}' };

test.each([
  ['throw', /^The function threw TypeError: no luck\n/],
  ['bigint', /^The function threw TypeError: Do not know how to serialize a BigInt/],
  ['no status', /^The response of the function has no statusCode\.$/],
  ['bad header', /Invalid character in header content/],
])(
  'a function that does this gets 500 for that request, and its process goes on: %s',
  async (body, reason) => {
    const before = await toy.put('pid');
    expect(await toy.put(body)).toMatchObject(internalServerError);
    expect(toy.reasons).toEqual([expect.stringMatching(reason)]);
    expect((await toy.put('pid')).body).toBe(before.body);
  },
);

test.each([
  ['exit', 'ended with 3.'],
  ['crash', 'ended with 1.'],
])(
  'a process that ends costs its request a 500, and several at once get one other: %s',
  async (body, how) => {
    const before = await toy.put('pid');
    expect(await toy.put(body)).toMatchObject(internalServerError);
    expect(toy.reasons).toEqual([`The function's process ${how}`]);
    const after = await Promise.all([toy.put('pid'), toy.put('pid')]);
    expect(after.map(({ status }) => status)).toEqual([200, 200]);
    expect(after[0]?.body).toBe(after[1]?.body);
    expect(after[0]?.body).not.toBe(before.body);
  },
);

test.each(['hang', 'loop'])(
  'after its timeout a function gets 500, and the next request another process: %s',
  async (body) => {
    const { put, reasons } = await start(obedient, 1_000);
    expect(await put(body)).toMatchObject(internalServerError);
    expect(reasons).toEqual(['The function took longer than its 1 s.']);
    expect((await put('pid')).status).toBe(200);
  },
);

test.each([
  ['process.exit(7);', "The function's process ended with 7."],
  ['export const other = 1;', 'index.mjs exports no function handler'],
  ['syntax error', 'SyntaxError'],
])('code that does not load is reported as that, and loads once it is right: %s', async (code, reason) => {
  const { put, reasons, folder } = await start(code);
  expect(await put('pid')).toMatchObject(internalServerError);
  expect(reasons[0]).toMatch(/^The function does not load: /);
  expect(reasons[0]).toContain(reason);
  await writeFile(join(folder, 'index.mjs'), obedient);
  expect((await put('pid')).status).toBe(200);
});

test('the context has what Lambda shows of the function, and the time that is left', async () => {
  expect(JSON.parse((await toy.put('context')).body)).toEqual({
    functionName: 'connection-logout-local',
    functionVersion: '$LATEST',
    invokedFunctionArn: expect.stringMatching(/^arn:aws:lambda:.*:function:connection-logout-local$/),
    memoryLimitInMB: '128',
    awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    logGroupName: expect.any(String),
    logStreamName: expect.any(String),
    left: expect.toSatisfy((left: number) => left > 0 && left <= 3_000),
  });
});

test('of the environment of this machine the function sees the path alone', async () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('AWS_PROFILE', 'any');
  const { put } = await start(obedient);
  const variables = JSON.parse((await put('environment')).body);
  expect(variables).toMatchObject({ PATH: process.env.PATH, STAGE: 'toy', _HANDLER: 'index.handler' });
  for (const name of ['AWS_PROFILE', 'HOME', 'NODE_OPTIONS']) expect(variables).not.toHaveProperty(name);
});

test('each line that the function prints is passed on', async () => {
  await toy.put('print');
  await vi.waitFor(() => expect(toy.output.toSorted()).toEqual(['hello', 'oh', 'world']), WAIT);
});

describe('a reload while a request is in flight', () => {
  /** Returns its version: at once, or to the body `wait` when there is a file `go`. */
  const versioned = (version: string) => `
    import { existsSync, writeFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    export const handler = async ({ body }) => {
      if (body === 'wait') {
        writeFileSync('waiting', '');
        while (!existsSync('go')) await sleep(5);
      }
      return { statusCode: 200, body: '${version}' };
    };`;

  test('lets it finish with the code that it started with; later ones get the new code', async () => {
    const { put, reload, folder } = await start(versioned('old'), 200_000);
    const inFlight = put('wait');
    await vi.waitFor(() => expect(existsSync(join(folder, 'waiting'))).toBe(true), WAIT);
    await reload(versioned('new'));
    expect((await put()).body).toBe('new');
    await writeFile(join(folder, 'go'), '');
    expect(await inFlight).toMatchObject({ status: 200, body: 'old' });
  });

  test('changes nothing if the new code does not load', async () => {
    const { put, reload } = await start(versioned('old'));
    const before = await put();
    await expect(reload('syntax error')).rejects.toThrow('SyntaxError');
    expect((await put()).body).toBe(before.body);
  });
});

test('closing ends the process, whatever it does', async () => {
  const { put, close } = await startToy(obedient);
  const { body: pid } = await put('pid');
  const looping = put('loop').catch(() => {});
  await close();
  await looping;
  expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
});
