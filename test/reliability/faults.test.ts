import { afterAll, beforeAll, expect, test } from 'vitest';
import { STORE_LIMITS } from '../../lambda/storage/client.ts';
import { createRecord } from '../support/api-document.ts';
import { markedConnection, markedRequest } from '../support/connections.ts';
import {
  anothersResponse,
  badStatusLine,
  changeRequest,
  clockOff,
  emptyResponse,
  fail,
  failAfterWrite,
  failQuoting,
  failWithoutType,
  halfResponse,
  halfResponseThenSilence,
  lateAfter,
  lateBefore,
  loseResponse,
  notJson,
  reset,
  silence,
} from '../support/faults.ts';
import type { Fault } from '../support/faulty-dynamodb.ts';
import { type FaultyFunction, type LogoutRun, startFaultyFunction } from '../support/function.ts';
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
  // Of three in a row, the second and the third are refusals without a type.
  ['the response holds no item', emptyResponse, 'logged out', 'UnknownError'],
  ['HTTP 500 comes after the write', failAfterWrite(500, 'InternalFailure'), 'logged out', 'InternalFailure'],
  [
    'HTTP 400 of an unknown type comes after the write',
    failAfterWrite(400, '1'),
    'logged out',
    'UnknownError',
  ],
  ['HTTP 400 has no type', failWithoutType(400, '{}'), 'open', 'UnknownError'],
  ['HTTP 408 has the type of a defect', fail(408, 'ValidationException'), 'open', 'ValidationException'],
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

let table: LocalTable;
/** One environment for all tests, each with a connection of its own. */
let service: FaultyFunction;

/** One logout of an open connection, and the same again once all is well. */
interface Story {
  readonly item: ReturnType<typeof markedConnection>;
  readonly run: LogoutRun;
  /** The item when nothing was on its way any more. */
  readonly stored: Item | undefined;
  readonly next: LogoutRun;
}

/** One logout through these faults. */
async function runThrough(faults: Fault[]): Promise<Story> {
  const { dynamodb, logOut } = service;
  const item = markedConnection();
  await table.put(item);
  const request = markedRequest({ id: item.id, terminal_id: item.terminal_id });
  dynamodb.script(item.id, ...faults);
  const run = await logOut(request);
  await dynamodb.settled(item.id);
  const stored = await table.get(item.id);
  dynamodb.script(item.id);
  const next = await logOut(request);
  return { item, run, stored, next };
}

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
  if (wasLoggedOut) expect(next.record).toEqual(createRecord(stored));
}

beforeAll(async () => {
  table = await createTable();
  service = await startFaultyFunction(table);
});

afterAll(async () => {
  await service.close();
  table.close();
});

// At once, since most of the time goes into waits.
test.concurrent('without a fault a logout is one write and 200', async () => {
  const story = await runThrough([]);
  expect(story.run).toMatchObject({ status: 200, record: createRecord(story.stored) });
  expect(story.run.sent).toHaveLength(1);
  check(story, { outcome: 'logged_out', store_attempts: 1, level: 'info' });
});

test.concurrent.for(TRANSIENT)(
  'a logout gets 200, and the item is logged out as the response says, where at the first attempt %s',
  async ([name, fault, state]) => {
    const story = await runThrough([fault]);
    const { item, run, stored } = story;
    expect(run.status).toBe(200);
    expect(run.sent).toHaveLength(2);
    expect(run.line).not.toHaveProperty('cause');
    // What the first attempt wrote is a repeat to the second.
    const isFirst = state === 'open' || name === 'the request is late';
    check(story, { outcome: isFirst ? 'logged_out' : 'repeated', store_attempts: 2, level: 'info' });
    expect(run.record).toEqual(createRecord(stored));
    expect(stored).toEqual({ ...item, date_logout: expect.any(String), success: true });
  },
);

test.concurrent.for<[string, Fault[], string]>([
  ['the response holds an item of another id', [anothersResponse], 'repeated'],
  ['two responses are lost', [loseResponse, loseResponse], 'repeated'],
  ['the table throttles twice', [throttle, throttle], 'logged_out'],
  ['the table throttles and then a response is lost', [throttle, loseResponse], 'repeated'],
  ['a response is lost and then the table throttles', [loseResponse, throttle], 'repeated'],
])('a logout gets 200 where %s', async ([, faults, outcome]) => {
  const story = await runThrough(faults);
  expect(story.run).toMatchObject({ status: 200, record: createRecord(story.stored) });
  check(story, { outcome, store_attempts: faults.length + 1 });
});

test.concurrent.for(TRANSIENT)(
  'a logout gets 503 after three attempts, and the repeat settles it, where at each of them %s',
  async ([, fault, state, name]) => {
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
  },
);

test.concurrent.for<[string, Fault, string]>([
  ['access is denied', fail(400, 'AccessDeniedException'), 'AccessDeniedException'],
  ['a refusal shows another item', anothersResponse, 'WrongItemError'],
])(
  'a logout gets 503, and nothing more is sent, where the response is lost and then %s',
  async ([, fault, name]) => {
    const story = await runThrough([loseResponse, fault]);
    expect(story.run).toMatchObject({ status: 503, code: 'store_unavailable' });
    check(story, { outcome: 'store_unavailable', store_attempts: 2, cause: { name } });
  },
);

test.concurrent.for([-600_000, -240_000, 240_000, 600_000])(
  'a failed condition is not sent again where the clock of the table is %i ms off',
  async (offMs) => {
    const item = markedConnection({ date_logout: '2026-05-09T17:00:00Z', success: true });
    await table.put(item);
    service.dynamodb.script(item.id, clockOff(offMs), clockOff(offMs), clockOff(offMs));
    const { status, sent, line } = await service.logOut(markedRequest({ id: item.id }));
    expect({ status, sent: sent.length }).toEqual({ status: 200, sent: 1 });
    expect(line).toMatchObject({ outcome: 'repeated', store_attempts: 1 });
  },
);

test.concurrent.for<[string, Fault, string]>([
  ['access is denied', fail(400, 'AccessDeniedException'), 'AccessDeniedException'],
  ['the credentials are unknown', fail(400, 'UnrecognizedClientException'), 'UnrecognizedClientException'],
  ['the signature does not match', fail(400, 'InvalidSignatureException'), 'InvalidSignatureException'],
  ['the table is missing', changeRequest({ TableName: 'no_such_table' }), 'ResourceNotFoundException'],
  [
    'the table calls the request invalid',
    changeRequest({ ConditionExpression: 'nonsense(' }),
    'ValidationException',
  ],
])('a logout gets 500 with nothing of the cause, and is sent once, where %s', async ([, fault, name]) => {
  const story = await runThrough([fault]);
  const { item, run, stored } = story;
  expect(run).toMatchObject({ status: 500, code: 'internal_error' });
  expect(run.sent).toHaveLength(1);
  const cause = { name, status: 400, message: expect.any(String) };
  check(story, { outcome: 'internal_error', level: 'error', store_attempts: 1, cause });
  expect(stored).toEqual(item);
});
