import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STORE_LIMITS } from '../../lambda/storage/client.ts';
import {
  anothersAnswer,
  emptyAnswer,
  type Fault,
  fail,
  failAfterWrite,
  failWithoutType,
  halfAnswer,
  halfAnswerThenSilence,
  invalidRequest,
  lateAfter,
  lateBefore,
  loseAnswer,
  missingTable,
  notJson,
  reset,
  silence,
  wrongChecksum,
} from '../../tools/local/faulty-dynamodb.ts';
import { synthesize } from '../../tools/local/synthesize.ts';
import type { Item, LocalTable } from '../../tools/local/table.ts';
import { recordOf } from '../../tools/soak/answers.ts';
import type { openConnection } from '../../tools/soak/connections.ts';
import { markedConnection } from '../../tools/soak/connections.ts';
import { type FaultyFunction, type LogoutRun, startFaultyFunction } from '../support/faulty-function.ts';
import { markedRequest } from '../support/marked-request.ts';
import { createTable } from '../support/table.ts';

/** Room to spare before the function's timeout, on a machine that is busy too. */
const LONGEST = synthesize().function.timeoutMs - 2_000;

/** Longer than an attempt may take. */
const LATE = STORE_LIMITS.attempt * 2;

const throttled = fail(400, 'ThrottlingException');
const partitionThrottled = fail(400, 'ProvisionedThroughputExceededException');
const lateAnswer = lateAfter(LATE);
const lateRequest = lateBefore(LATE);
const thrice = (fault: Fault): Fault[] => [fault, fault, fault];

/** The faults that the function waits for until a time limit ends it. */
const WAITED_FOR: readonly Fault[] = [lateAnswer, lateRequest, silence, halfAnswerThenSilence];
const isWaitedFor = ([, faults]: readonly [string, Fault[], ...unknown[]]) =>
  faults.some((fault) => WAITED_FOR.includes(fault));

/** A fault that passes, what the table is asked in turn, and how the log names the outcome. */
type Survived = [string, Fault[], 'logged_out' | 'repeated'];

const SURVIVED: readonly Survived[] = [
  ['no fault', [], 'logged_out'],
  ['the answer is lost after the write', [loseAnswer], 'repeated'],
  ['two answers are lost after the write', [loseAnswer, loseAnswer], 'repeated'],
  ['half an answer comes after the write', [halfAnswer], 'repeated'],
  ['half an answer comes, and then nothing', [halfAnswerThenSilence], 'repeated'],
  ['HTTP 500 comes after the write', [failAfterWrite(500, 'InternalServerError')], 'repeated'],
  ['HTTP 503 comes after the write', [failAfterWrite(503, 'ServiceUnavailable')], 'repeated'],
  ['the answer is late', [lateAnswer], 'repeated'],
  ['HTTP 500 comes before the write', [fail(500, 'InternalServerError')], 'logged_out'],
  ['HTTP 503 comes before the write', [fail(503, 'ServiceUnavailable')], 'logged_out'],
  ['HTTP 502 of a proxy comes before the write', [failWithoutType(502, 'Bad Gateway')], 'logged_out'],
  ['the connection is reset before the write', [reset], 'logged_out'],
  ['nothing is answered once', [silence], 'logged_out'],
  ['the request is late', [lateRequest], 'logged_out'],
  ['the table throttles once', [throttled], 'logged_out'],
  ['the table throttles twice', [throttled, throttled], 'logged_out'],
  ['a partition throttles once', [partitionThrottled], 'logged_out'],
  ['a partition throttles twice', [partitionThrottled, partitionThrottled], 'logged_out'],
  ['HTTP 429 comes of something on the way', [failWithoutType(429, '{}')], 'logged_out'],
  ['a throttle, and then a lost answer', [throttled, loseAnswer], 'repeated'],
  ['a lost answer, and then a throttle', [loseAnswer, throttled], 'repeated'],
];

/** A fault that leaves the outcome unknown, how often the write was sent, what became of it, and the logged cause. */
type Unknown = [string, Fault[], number, 'open' | 'logged out', string];

const UNKNOWN: readonly Unknown[] = [
  ['every answer is lost', thrice(loseAnswer), 3, 'logged out', 'TimeoutError'],
  ['half an answer comes each time', thrice(halfAnswer), 3, 'logged out', 'Error'],
  // The limit of an attempt ends it, or on a busy machine the deadline of all.
  ['each answer stops', thrice(halfAnswerThenSilence), 3, 'logged out', expect.any(String)],
  [
    'HTTP 500 comes after every write',
    thrice(failAfterWrite(500, 'InternalServerError')),
    3,
    'logged out',
    'InternalServerError',
  ],
  [
    'HTTP 503 comes after every write',
    thrice(failAfterWrite(503, 'ServiceUnavailable')),
    3,
    'logged out',
    'ServiceUnavailable',
  ],
  ['every answer is late', thrice(lateAnswer), 3, 'logged out', 'TimeoutError'],
  ['every request is late, and written in the end', thrice(lateRequest), 3, 'logged out', 'TimeoutError'],
  ['the answer is no JSON', [notJson], 1, 'logged out', 'SyntaxError'],
  ['the answer holds no item', [emptyAnswer], 1, 'logged out', 'Error'],
  ['the answer holds an item of another id', [anothersAnswer], 1, 'logged out', 'Error'],
  ['a refusal holds an item of another id', [loseAnswer, anothersAnswer], 2, 'logged out', 'Error'],
  ['HTTP 500 comes each time', thrice(fail(500, 'InternalServerError')), 3, 'open', 'InternalServerError'],
  ['HTTP 503 comes each time', thrice(fail(503, 'ServiceUnavailable')), 3, 'open', 'ServiceUnavailable'],
  ['the table throttles for ever', thrice(throttled), 3, 'open', 'ThrottlingException'],
  [
    'a partition throttles for ever',
    thrice(partitionThrottled),
    3,
    'open',
    'ProvisionedThroughputExceededException',
  ],
  ['the connection is reset each time', thrice(reset), 3, 'open', 'TimeoutError'],
  ['nothing is ever answered', thrice(silence), 3, 'open', 'TimeoutError'],
  ['HTTP 400 says nothing', [failWithoutType(400)], 1, 'open', 'Unknown'],
  ['HTTP 400 says nothing in JSON', [failWithoutType(400, '{}')], 1, 'open', 'Unknown'],
  ['HTTP 403 is a page of something on the way', [failWithoutType(403, '<html>')], 1, 'open', 'SyntaxError'],
  ['HTTP 408 comes', [fail(408, 'SomethingElse')], 1, 'open', 'SomethingElse'],
  ['HTTP 429 comes each time', thrice(fail(429, 'TooManyRequests')), 3, 'open', 'TooManyRequests'],
  ['the table throttles by another name', thrice(fail(400, 'Throttling')), 3, 'open', 'Throttling'],
  [
    'the first answer is lost, and then access is denied',
    [loseAnswer, fail(400, 'AccessDeniedException')],
    2,
    'logged out',
    'AccessDeniedException',
  ],
];

let table: LocalTable;
/** One environment for all that is quick. */
let service: FaultyFunction;
/** One for each of those that wait, at once. They are started before, since starting keeps a processor busy. */
const waiting: FaultyFunction[] = [];

beforeAll(async () => {
  table = await createTable();
  service = await startFaultyFunction(table);
  for (const _ of [...SURVIVED, ...UNKNOWN].filter(isWaitedFor)) {
    waiting.push(await startFaultyFunction(table));
  }
});

afterAll(async () => {
  for (const left of [service, ...waiting]) await left.close();
  await table.delete();
});

/** One logout of an open connection, and the same again once all is well. */
interface Story {
  readonly item: ReturnType<typeof openConnection>;
  readonly run: LogoutRun;
  /** The item when nothing was on its way any more. */
  readonly stored: Item | undefined;
  readonly next: LogoutRun;
}

/** Tells the story of these faults, in an environment of their own where they are waited for. */
async function tell(faults: Fault[]): Promise<Story> {
  if (!isWaitedFor(['', faults])) return tellIn(service, faults);
  const own = waiting.pop();
  if (own === undefined) throw new Error('There is no environment left.');
  return tellIn(own, faults).finally(() => own.close());
}

async function tellIn(
  { proxy, logOut }: FaultyFunction,
  faults: Fault[],
  mend?: () => Promise<void>,
): Promise<Story> {
  const item = markedConnection();
  await table.put(item);
  const request = markedRequest({ id: item.id, terminal_id: item.terminal_id });
  proxy.script(...faults);
  const run = await logOut(request);
  await proxy.settled();
  const stored = await table.get(item.id);
  proxy.script();
  await mend?.();
  const next = await logOut(request);
  return { item, run, stored, next };
}

/** What holds of every fault: the time, what was sent, the log line, and how the next request goes. */
function check({ item, run, stored, next }: Story, line: object): void {
  expect(run.took).toBeLessThan(LONGEST);
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
  expect(next.took).toBeLessThan(LONGEST);
  const wasLoggedOut = stored?.date_logout !== undefined;
  expect(next.line.outcome).toBe(wasLoggedOut ? 'repeated' : 'logged_out');
  if (wasLoggedOut) expect(next.record).toEqual(recordOf(stored));
}

async function isSurvived([, faults, outcome]: Survived): Promise<void> {
  const story = await tell(faults);
  const { item, run, stored } = story;
  expect(run.status).toBe(200);
  expect(run.sent).toHaveLength(faults.length + 1);
  expect(run.line).not.toHaveProperty('cause');
  check(story, { outcome, store_attempts: faults.length + 1, level: 'info' });
  expect(run.record).toEqual(recordOf(stored ?? {}));
  expect(stored).toEqual({ ...item, date_logout: expect.any(String), success: true });
}

async function isUnknown([, faults, sent, state, cause]: Unknown): Promise<void> {
  const story = await tell(faults);
  const { item, run, stored } = story;
  expect(run).toMatchObject({ status: 503, code: 'store_unavailable' });
  expect(run.sent).toHaveLength(sent);
  check(story, { outcome: 'store_unavailable', level: 'warn', cause: { name: cause } });
  const loggedOut = { ...item, date_logout: expect.any(String), success: true };
  expect(stored).toEqual(state === 'open' ? item : loggedOut);
}

const quick = <Row extends Survived | Unknown>(rows: readonly Row[]) =>
  rows.filter((row) => !isWaitedFor(row));

describe('what passes is survived: 200, and the item is logged out as the answer says', () => {
  test.for(quick(SURVIVED))('%s', isSurvived);
  describe.concurrent('after a wait', () => test.for(SURVIVED.filter(isWaitedFor))('%s', isSurvived));

  test('a checksum that is not that of the answer changes nothing: the answer is what the table holds', async () => {
    const story = await tell([wrongChecksum]);
    expect(story.run).toMatchObject({ status: 200, record: recordOf(story.stored ?? {}) });
    check(story, { outcome: 'logged_out', store_attempts: 1 });
  });
});

describe('what may have happened is 503, and the repeat settles it', () => {
  test.for(quick(UNKNOWN))('%s', isUnknown);
  describe.concurrent('after a wait', () => test.for(UNKNOWN.filter(isWaitedFor))('%s', isUnknown));

  test('nobody listens', async () => {
    await service.proxy.refuse();
    const story = await tellIn(service, [], () => service.proxy.accept());
    expect(story.run).toMatchObject({ status: 503, code: 'store_unavailable', sent: [] });
    expect(story.stored).toEqual(story.item);
    check(story, {
      outcome: 'store_unavailable',
      store_attempts: 3,
      cause: { message: expect.stringContaining('ECONNREFUSED') },
    });
  });
});

describe('what is a defect of ours is 500, sent once, with nothing of the cause', () => {
  test.for<[string, Fault, string]>([
    ['access is denied', fail(400, 'AccessDeniedException'), 'AccessDeniedException'],
    ['the credentials are none', fail(400, 'UnrecognizedClientException'), 'UnrecognizedClientException'],
    ['the table is missing', missingTable, 'ResourceNotFoundException'],
    ['the table calls the request invalid', invalidRequest, 'ValidationException'],
  ])('%s', async ([, fault, name]) => {
    const story = await tell([fault]);
    const { item, run, stored } = story;
    expect(JSON.parse(run.body)).toEqual({
      success: false,
      code: 'internal_error',
      message: 'The service has a defect.',
      request_id: expect.any(String),
    });
    expect(run.status).toBe(500);
    expect(run.sent).toHaveLength(1);
    check(story, { outcome: 'internal_error', level: 'error', cause: { name, status: 400 } });
    expect(stored).toEqual(item);
  });
});
