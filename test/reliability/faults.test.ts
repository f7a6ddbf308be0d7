import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STORE_LIMITS } from '../../lambda/storage/client.ts';
import { markedConnection } from '../support/connections.ts';
import {
  anothersResponse,
  badStatusLine,
  clockOff,
  emptyResponse,
  fail,
  failAfterWrite,
  failQuoting,
  failWithoutType,
  halfResponse,
  halfResponseThenSilence,
  invalidRequest,
  lateAfter,
  lateBefore,
  loseResponse,
  missingTable,
  notJson,
  reset,
  silence,
} from '../support/faults.ts';
import type { Fault } from '../support/faulty-dynamodb.ts';
import { type FaultyFunction, type LogoutRun, startFaultyFunction } from '../support/function.ts';
import { markedRequest } from '../support/marked-request.ts';
import { recordOf } from '../support/responses.ts';
import type { Item, LocalTable } from '../support/table.ts';
import { createTable } from '../support/table.ts';

/** Longer than an attempt may take. */
const LATE_MS = STORE_LIMITS.attemptTimeoutMs * 2;

const throttle = fail(400, 'ThrottlingException');

/** A transient fault, whether it leaves the item written, and what the log says of it if it stays. */
type Transient = [name: string, fault: Fault, state: 'open' | 'logged out', cause: string];

/** The unit test of `isPermanentError` has every name and status. */
const TRANSIENT: readonly Transient[] = [
  ['the response is lost', loseResponse, 'logged out', 'Error'],
  ['half a response comes', halfResponse, 'logged out', 'Error'],
  ['half a response comes, and then nothing', halfResponseThenSilence, 'logged out', 'TimeoutError'],
  ['the response is late', lateAfter(LATE_MS), 'logged out', 'TimeoutError'],
  ['the request is late', lateBefore(LATE_MS), 'logged out', 'TimeoutError'],
  ['there is no response', silence, 'open', 'TimeoutError'],
  ['the connection is reset', reset, 'open', 'Error'],
  ['the status line is not that of HTTP', badStatusLine, 'open', 'Error'],
  ['the response is not JSON', notJson, 'logged out', 'SyntaxError'],
  // Of the three, the second and the third are refusals without a type.
  ['the response holds no item', emptyResponse, 'logged out', 'UnknownError'],
  ['HTTP 500 comes after the write', failAfterWrite(500, 'InternalFailure'), 'logged out', 'InternalFailure'],
  [
    'HTTP 400 of an unknown type comes after the write',
    failAfterWrite(400, '1'),
    'logged out',
    'UnknownError',
  ],
  ['HTTP 400 has no type', failWithoutType(400, '{}'), 'open', 'UnknownError'],
  ['HTTP 429 has no type', failWithoutType(429), 'open', 'UnknownError'],
  ['HTTP 503 has no type', failWithoutType(503), 'open', 'UnknownError'],
  ['HTTP 408 has the type of a defect', fail(408, 'ValidationException'), 'open', 'ValidationException'],
  ['HTTP 502 is a page of something on the way', failWithoutType(502, '<html>'), 'open', 'SyntaxError'],
  ['HTTP 403 is a page of something on the way', failWithoutType(403, '<html>'), 'open', 'SyntaxError'],
  [
    'HTTP 400 has a type that is not a name, and quotes the request',
    failQuoting(400, '1'),
    'open',
    'UnknownError',
  ],
  ['HTTP 500 has an unknown type, and quotes the request', failQuoting(500, 'Other'), 'open', 'UnknownError'],
  ['the table throttles', throttle, 'open', 'ThrottlingException'],
  [
    'the signature is refused as expired',
    fail(400, 'InvalidSignatureException', 'Signature expired: 20260509T150000Z is now earlier than …'),
    'open',
    'InvalidSignatureException',
  ],
];

/** As many as tests run at once: `maxConcurrency` in `vitest.config.ts`. */
const ENVIRONMENTS = 12;

let table: LocalTable;
/**
 * Environments of the function that no test uses, each with a proxy of its own before the table. Started before the
 * tests, since a start keeps a processor busy, and a busy one responds late.
 */
let idle: FaultyFunction[] = [];

/** One logout of an open connection, and the same again once all is well. */
interface Story {
  readonly item: ReturnType<typeof markedConnection>;
  readonly run: LogoutRun;
  /** The item when nothing was on its way any more. */
  readonly stored: Item | undefined;
  readonly next: LogoutRun;
}

/** Runs something in an environment that no other test uses meanwhile. */
async function inEnvironment<T>(run: (environment: FaultyFunction) => Promise<T>): Promise<T> {
  const environment = idle.pop();
  if (environment === undefined) throw new Error('More tests run at once than there are environments.');
  return run(environment).finally(() => idle.push(environment));
}

/** One logout through these faults. */
const runThrough = (faults: Fault[]): Promise<Story> =>
  inEnvironment(async ({ proxy, logOut }) => {
    const item = markedConnection();
    await table.put(item);
    const request = markedRequest({ id: item.id, terminal_id: item.terminal_id });
    proxy.script(...faults);
    const run = await logOut(request);
    await proxy.settled();
    const stored = await table.get(item.id);
    proxy.script();
    const next = await logOut(request);
    return { item, run, stored, next };
  });

/** What holds of every fault: what was sent, the log line, and how the next request goes. */
function check({ item, run, stored, next }: Story, line: object): void {
  for (const { operation, input } of run.sent) {
    expect(operation).toBe('UpdateItem');
    expect(input).toEqual(run.sent[0]?.input);
  }
  expect(run.line).toMatchObject({
    status: run.status,
    connection_id: item.id,
    terminal_id: 'T-1',
    ...line,
  });

  expect(next).toMatchObject({ status: 200, line: { store_attempts: 1 } });
  expect(next.sent).toHaveLength(1);
  expect(next.line).not.toHaveProperty('cause');
  const wasLoggedOut = stored?.date_logout !== undefined;
  expect(next.line.outcome).toBe(wasLoggedOut ? 'repeated' : 'logged_out');
  if (wasLoggedOut) expect(next.record).toEqual(recordOf(stored));
}

beforeAll(async () => {
  table = await createTable();
  idle = await Promise.all(Array.from({ length: ENVIRONMENTS }, () => startFaultyFunction(table)));
});

afterAll(async () => {
  await Promise.all(idle.map((environment) => environment.close()));
  table.close();
});

// At once, since most of the time goes into waits.
test.concurrent('without a fault a logout is one write and 200', async () => {
  const story = await runThrough([]);
  expect(story.run).toMatchObject({ status: 200, record: recordOf(story.stored ?? {}) });
  expect(story.run.sent).toHaveLength(1);
  check(story, { outcome: 'logged_out', store_attempts: 1, level: 'info' });
});

describe.concurrent('a transient fault that happens once is survived: 200, and the item is logged out as the response says', () => {
  test.for(TRANSIENT)('%s', async ([name, fault, state]) => {
    const story = await runThrough([fault]);
    const { item, run, stored } = story;
    expect(run.status).toBe(200);
    expect(run.sent).toHaveLength(2);
    expect(run.line).not.toHaveProperty('cause');
    // What the first attempt wrote is a repeat to the second.
    const isFirst = state === 'open' || name === 'the request is late';
    check(story, { outcome: isFirst ? 'logged_out' : 'repeated', store_attempts: 2, level: 'info' });
    expect(run.record).toEqual(recordOf(stored ?? {}));
    expect(stored).toEqual({ ...item, date_logout: expect.any(String), success: true });
  });

  test.for<[string, Fault[], string]>([
    ['the response holds an item of another id', [anothersResponse], 'repeated'],
    ['two responses are lost', [loseResponse, loseResponse], 'repeated'],
    ['the table throttles twice', [throttle, throttle], 'logged_out'],
    ['a throttle, and then a lost response', [throttle, loseResponse], 'repeated'],
    ['a lost response, and then a throttle', [loseResponse, throttle], 'repeated'],
  ])('%s: the logout succeeds all the same', async ([, faults, outcome]) => {
    const story = await runThrough(faults);
    expect(story.run).toMatchObject({ status: 200, record: recordOf(story.stored ?? {}) });
    check(story, { outcome, store_attempts: faults.length + 1 });
  });
});

describe.concurrent('a transient fault that stays is 503 after three attempts, and the repeat settles it', () => {
  test.for(TRANSIENT)('%s', async ([, fault, state, name]) => {
    const story = await runThrough([fault, fault, fault]);
    const { item, run, stored } = story;
    expect(run).toMatchObject({ status: 503, code: 'store_unavailable' });
    expect(run.sent).toHaveLength(3);
    const message = name === 'TimeoutError' && { message: 'The table has not responded within 1500 ms.' };
    check(story, {
      outcome: 'store_unavailable',
      store_attempts: 3,
      level: 'warn',
      cause: { name, ...message },
    });
    const loggedOut = { ...item, date_logout: expect.any(String), success: true };
    expect(stored).toEqual(state === 'open' ? item : loggedOut);
  });

  test.for<[string, Fault[], string]>([
    [
      'the response is lost, and then access is denied',
      [loseResponse, fail(400, 'AccessDeniedException')],
      'AccessDeniedException',
    ],
    [
      'the response is lost, and then a refusal shows another item',
      [loseResponse, anothersResponse],
      'WrongItemError',
    ],
  ])('%s: the outcome is unknown, and nothing more is sent', async ([, faults, name]) => {
    const story = await runThrough(faults);
    expect(story.run).toMatchObject({ status: 503, code: 'store_unavailable' });
    check(story, { outcome: 'store_unavailable', store_attempts: 2, cause: { name } });
  });
});

test.concurrent.for([-600_000, -240_000, 240_000, 600_000])(
  'a failed condition is not sent again where the clock of the table is %i ms off',
  async (offMs) => {
    const item = markedConnection({ date_logout: '2026-05-09T17:00:00Z', success: true });
    await table.put(item);
    const { status, sent, line } = await inEnvironment(async ({ proxy, logOut }) => {
      proxy.script(clockOff(offMs), clockOff(offMs), clockOff(offMs));
      return logOut(markedRequest({ id: item.id })).finally(() => proxy.script());
    });
    expect({ status, sent: sent.length }).toEqual({ status: 200, sent: 1 });
    expect(line).toMatchObject({ outcome: 'repeated', store_attempts: 1 });
  },
);

describe.concurrent('a defect is 500, sent once, with nothing of the cause', () => {
  test.for<[string, Fault, string]>([
    ['access is denied', fail(400, 'AccessDeniedException'), 'AccessDeniedException'],
    ['the credentials are unknown', fail(400, 'UnrecognizedClientException'), 'UnrecognizedClientException'],
    ['the signature does not match', fail(400, 'InvalidSignatureException'), 'InvalidSignatureException'],
    ['the table is missing', missingTable, 'ResourceNotFoundException'],
    ['the table calls the request invalid', invalidRequest, 'ValidationException'],
  ])('%s', async ([, fault, name]) => {
    const story = await runThrough([fault]);
    const { item, run, stored } = story;
    expect(run).toMatchObject({ status: 500, code: 'internal_error' });
    expect(run.sent).toHaveLength(1);
    const cause = { name, status: 400, message: expect.any(String) };
    check(story, { outcome: 'internal_error', level: 'error', store_attempts: 1, cause });
    expect(stored).toEqual(item);
  });
});
