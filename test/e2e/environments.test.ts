import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startToy, type Toy, type ToyOptions } from '../support/toy-function.ts';
import { WAIT } from '../support/wait.ts';

/** A function that does what the request's body says, one word a behaviour. */
const obedient = `
  export const handler = async ({ body, requestContext }, context) => {
    switch (body) {
      case 'throw': throw new TypeError('no luck');
      case 'reject': return Promise.reject('a string');
      case 'hang': return new Promise(() => {});
      case 'loop': while (true);
      case 'exit': process.exit(3);
      case 'crash': setImmediate(() => { throw new Error('outside of the handler'); }); return new Promise(() => {});
      case 'undefined': return undefined;
      case 'text': return 'just text';
      case 'object': return { a: 1 };
      case 'bigint': return { a: 1n };
      case 'no status': return { statusCode: 'high' };
      case 'bad header': return { statusCode: 200, headers: { a: 'x\\ny' } };
      case 'object body': return { statusCode: 200, body: {} };
      case 'print': console.log('hello\\nworld'); console.error('oh'); return { statusCode: 204 };
      case 'report': console.log(JSON.stringify({ outcome: 'fine', request_id: requestContext.requestId })); return { statusCode: 200 };
      case 'context': return { ...context, left: context.getRemainingTimeInMillis() };
      case 'environment': return process.env;
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
  toy.responses.length = 0;
  toy.output.length = 0;
});

/** One of the test's own. */
async function start(code: string, options?: ToyOptions): Promise<Toy> {
  const own = await startToy(code, options);
  onTestFinished(() => own.close());
  return own;
}

const internalServerError = { status: 500, body: '{"message":"Internal Server Error"}' };

describe('what goes wrong in the function costs that one request', () => {
  test.each([
    ['throw', 'The function threw TypeError: no luck'],
    ['reject', 'The function threw a string'],
    ['bigint', 'The function threw TypeError: Do not know how to serialize a BigInt'],
  ])('%s: 500, and the same environment goes on', async (body, reason) => {
    const before = await toy.put('pid');
    expect(await toy.put(body)).toMatchObject(internalServerError);
    expect(toy.responses[1]).toMatchObject({
      status: 500,
      code: 'function_error',
      reason,
      stack: expect.any(String),
    });
    expect((await toy.put('pid')).body).toBe(before.body);
  });

  test.each([
    ['exit', 'exit code 3'],
    ['crash', 'exit code 1'],
  ])('%s: 500, and a fresh environment answers', async (body, how) => {
    const before = await toy.put('pid');
    expect(await toy.put(body)).toMatchObject(internalServerError);
    expect(toy.responses[1]).toMatchObject({
      status: 500,
      code: 'function_exited',
      reason: `The function's process ended: ${how}.`,
    });
    const after = await toy.put('pid');
    expect(after.status).toBe(200);
    expect(after.body).not.toBe(before.body);
    expect(toy.pids()).toEqual([Number(after.body)]);
  });

  test.each(['hang', 'loop'])('%s: 500 after its timeout, and a fresh environment answers', async (body) => {
    const { put, responses, pids } = await start(obedient, { timeoutMs: 1_000 });
    expect(await put(body)).toMatchObject(internalServerError);
    expect(responses).toMatchObject([
      {
        status: 500,
        code: 'function_timed_out',
        reason: 'The function did not answer within its timeout of 1 s.',
      },
    ]);
    const after = await put('pid');
    expect(after.status).toBe(200);
    expect(pids()).toEqual([Number(after.body)]);
  });

  test('an environment that is killed while it is idle is replaced', async () => {
    const before = await toy.put('pid');
    process.kill(Number(before.body), 'SIGKILL');
    await vi.waitFor(() => expect(toy.pids()).toEqual([]), WAIT);
    expect((await toy.put('pid')).status).toBe(200);
  });

  test('past the integration timeout the gateway answers 503', async () => {
    const { put, responses } = await start(obedient, { integrationTimeoutMs: 300 });
    expect(await put('hang')).toMatchObject({ status: 503, body: '{"message":"Service Unavailable"}' });
    expect(responses).toMatchObject([{ status: 503, code: 'integration_timed_out' }]);
  });

  test('code that no longer loads is reported with its cause, and loads again when it is fixed', async () => {
    const { put, responses, folder } = await start(
      `import { existsSync } from 'node:fs';
       if (existsSync('broken')) throw new RangeError('a broken bundle');
       ${obedient}`,
    );
    await writeFile(join(folder, 'broken'), '');
    expect(await put('pid')).toMatchObject(internalServerError);
    expect(responses[0]).toMatchObject({
      code: 'function_did_not_load',
      reason: 'The function does not load: RangeError: a broken bundle',
      stack: expect.stringContaining('index.mjs'),
    });
    await rm(join(folder, 'broken'));
    expect((await put('pid')).status).toBe(200);
  });

  test.each([
    ['process.exit(7);', "The function's process ended while it loaded: exit code 7."],
    ['export const other = 1;', 'exports no function named handler'],
    ['syntax error', 'SyntaxError'],
  ])('code that cannot be loaded, %s, is reported as that', async (code, reason) => {
    const { put, responses } = await start(code);
    expect(await put('pid')).toMatchObject(internalServerError);
    expect(responses[0]?.reason).toContain(reason);
  });
});

describe('what the function answers, by payload format 2.0', () => {
  test.each([
    ['undefined', 'null'],
    ['text', 'just text'],
    ['object', '{"a":1}'],
  ])('without statusCode, %s is the body of a 200 of type JSON', async (body, expected) => {
    const answer = await toy.put(body);
    expect(answer).toMatchObject({ status: 200, body: expected });
    expect(answer.headers.get('content-type')).toBe('application/json');
  });

  test.each(['no status', 'bad header', 'object body'])('%s is 500', async (body) => {
    expect(await toy.put(body)).toMatchObject(internalServerError);
    expect(toy.responses).toMatchObject([{ code: 'bad_answer' }]);
  });

  test('headers, cookies and a base64 body reach the client', async () => {
    const { put } = await start(`export const handler = () => ({
      statusCode: 201,
      headers: { 'X-One': 1, 'Content-Length': '99', 'content-type': 'image/png' },
      cookies: ['a=1', 'b=2; Secure'],
      body: Buffer.from('binary').toString('base64'),
      isBase64Encoded: true,
    });`);
    const { status, body, headers } = await put();
    expect({ status, body }).toEqual({ status: 201, body: 'binary' });
    expect(headers.get('x-one')).toBe('1');
    expect(headers.get('content-type')).toBe('image/png');
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2; Secure']);
  });
});

describe('what the function sees is what Lambda shows it', () => {
  test('the context', async () => {
    expect(JSON.parse((await toy.put('context')).body)).toEqual({
      functionName: 'toy',
      functionVersion: '$LATEST',
      invokedFunctionArn: expect.stringMatching(/^arn:aws:lambda:.*:function:toy$/),
      memoryLimitInMB: '128',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      logGroupName: expect.any(String),
      logStreamName: expect.any(String),
      callbackWaitsForEmptyEventLoop: true,
      left: expect.toSatisfy((left: number) => left > 0 && left <= 3_000),
    });
  });

  test('nothing of the caller’s environment but what a process needs', async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('AWS_PROFILE', 'any');
    vi.stubEnv('SECRET_OF_THE_CALLER', 'x');
    const { put } = await start(obedient);
    const names = Object.keys(JSON.parse((await put('environment')).body));
    expect(names).toEqual(expect.arrayContaining(['PATH', 'AWS_REGION', 'TZ', 'STAGE', 'LAMBDA_TASK_ROOT']));
    expect(names).not.toContain('SECRET_OF_THE_CALLER');
    expect(names).not.toContain('AWS_PROFILE');
    expect(names).not.toContain('HOME');
  });

  test.each(['index.js', 'index.cjs'])('a CommonJS module in %s is found too', async (file) => {
    const { put } = await start('exports.handler = async () => "common";', { file });
    expect((await put()).body).toBe('common');
  });
});

test('the function’s report belongs to its request, and other lines are passed on', async () => {
  const { put, responses, output } = toy;
  await put('print');
  await put('report');
  expect(output).toEqual(expect.arrayContaining(['hello', 'world', 'oh']));
  expect(output).toHaveLength(3);
  expect(responses).toMatchObject([{ code: 'answered' }, { code: 'fine', logLine: { outcome: 'fine' } }]);
});

test('one environment takes one request at a time, ten run at once, and the others wait', async () => {
  const { put, pids } = await start(`
    let busy = false;
    export const handler = async () => {
      if (busy) throw new Error('two at once');
      busy = true;
      await new Promise((resolve) => setTimeout(resolve, 20));
      busy = false;
      return String(process.pid);
    };`);
  const answers = await Promise.all(Array.from({ length: 40 }, () => put()));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(40);
  expect(new Set(answers.map(({ body }) => body)).size).toBe(10);
  expect(pids()).toHaveLength(10);
});

describe('a reload while a request is in flight', () => {
  /** Answers its version: at once, or to the body `wait` when there is a file `go`. */
  const versioned = (version: string) => `
    import { existsSync, writeFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    export const handler = async ({ body }) => {
      if (body === 'wait') {
        writeFileSync('waiting', '');
        while (!existsSync('go')) await sleep(5);
      }
      return '${version}';
    };`;

  test('lets it finish with the code that it started with; later ones get the new code', async () => {
    const { put, reload, folder, pids } = await start(versioned('old'), { timeoutMs: 200_000 });
    const inFlight = put('wait');
    await vi.waitFor(() => expect(existsSync(join(folder, 'waiting'))).toBe(true), WAIT);
    await reload(versioned('new'));
    expect((await put()).body).toBe('new');
    await writeFile(join(folder, 'go'), '');
    expect(await inFlight).toMatchObject({ status: 200, body: 'old' });
    expect((await put()).body).toBe('new');
    expect(pids()).toHaveLength(1);
  });

  test('changes nothing if the new code does not load', async () => {
    const { put, reload } = await start(versioned('old'));
    const before = await put();
    await expect(reload('syntax error')).rejects.toThrow('SyntaxError');
    expect((await put()).body).toBe(before.body);
  });
});

test('closing ends every environment, whatever it does', async () => {
  const { put, pids, close, folder } = await startToy(obedient);
  const hanging = put('loop').catch(() => {});
  await vi.waitFor(() => expect(pids()).toHaveLength(1), WAIT);
  const [pid] = pids();
  await close();
  await hanging;
  expect(() => process.kill(pid as number, 0)).toThrow('ESRCH');
  expect(existsSync(folder)).toBe(false);
});
