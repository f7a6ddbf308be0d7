import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type FaultyDynamoDb, faultyDynamoDb } from '../../tools/local/faulty-dynamodb.ts';
import type { Item, LocalTable } from '../../tools/local/table.ts';
import { type FunctionAnswer, type ReadAnswer, readAnswer, recordOf } from '../../tools/soak/answers.ts';
import { findLeaks, markedConnection } from '../../tools/soak/connections.ts';
import { type LoadedBundle, loadBundle, takeLines } from '../support/bundle.ts';
import { createTable } from '../support/table.ts';
import { anyBodies, IDENTITY, invalidRequests, oddEvents, validRequests } from './requests.ts';

let table: LocalTable;
let proxy: FaultyDynamoDb;
let bundle: LoadedBundle;

beforeAll(async () => {
  table = await createTable();
  proxy = await faultyDynamoDb(inject('dynamodbEndpoint'));
  bundle = await loadBundle(proxy.endpoint, table.tableName);
});

afterAll(async () => {
  await proxy.close();
  await table.delete();
});

/** What any request may cost of a processor. */
const MOST_CPU_MS = 100;

/** The answer to one event, which keeps the contract; refused without a write, or after one that changed nothing. */
interface Held extends ReadAnswer {
  readonly answer: FunctionAnswer;
}

/** Sends an event, and holds what comes of it against what holds of every event. */
async function hold(event: unknown, item: Item): Promise<Held> {
  const before = proxy.requests.length;
  const { answer, cpu } = await measured(event);
  const requestId = (event as { requestContext?: { requestId?: unknown } } | null)?.requestContext?.requestId;
  const read = readAnswer(answer, typeof requestId === 'string' ? requestId : 'lambda');
  const lines = takeLines();
  expect(lines).toHaveLength(1);
  expect(findLeaks(read.record ? lines : [...lines, answer.body])).toEqual([]);
  expect([200, 400, 404, 409, 413, 415]).toContain(read.status);

  const sent = proxy.requests.length - before;
  const isAsked = [200, 404, 409].includes(read.status);
  expect(sent).toBe(isAsked ? 1 : 0);
  if (isAsked) {
    const stored = await table.get(String(item.id));
    if (read.status !== 200) expect(stored).toEqual(item);
    else expect(read.record).toEqual(recordOf(stored ?? {}));
  }
  if (read.status === 200) {
    const repeat = await bundle.invoke(event);
    expect(repeat).toEqual(answer);
    takeLines();
  }
  // A processor that is busy with other things may make one dear, but not three times.
  const least =
    cpu < MOST_CPU_MS ? cpu : Math.min(cpu, (await measured(event)).cpu, (await measured(event)).cpu);
  takeLines();
  expect(least).toBeLessThan(MOST_CPU_MS);
  return { ...read, answer };
}

async function measured(event: unknown): Promise<{ answer: FunctionAnswer; cpu: number }> {
  const before = process.cpuUsage();
  const answer = await bundle.invoke(event);
  const { user, system } = process.cpuUsage(before);
  return { answer, cpu: (user + system) / 1_000 };
}

/** A connection that is logged in, in the table, with the id that the requests name. */
async function loggedIn(): Promise<Item & { id: string }> {
  const item = markedConnection({ id, ...IDENTITY });
  await table.put(item);
  return item;
}

const id = randomUUID();

test('what is valid by construction is 200, and stored as it says', async () => {
  await fc.assert(
    fc.asyncProperty(validRequests(id), async ({ event, stored }) => {
      const item = await loggedIn();
      const { status, record } = await hold(event, item);
      expect(status).toBe(200);
      const now = { date_logout: expect.stringMatching(/^2\d{3}-.*Z$/), ...stored };
      expect(await table.get(id)).toEqual({ ...item, success: true, ...now });
      expect(record).toEqual({ ...recordOf(item), success: true, ...now });
    }),
    { numRuns: 200 },
  );
});

test('what is invalid by construction is 400, names exactly the fields that are, and is not written', async () => {
  const item = await loggedIn();
  await fc.assert(
    fc.asyncProperty(invalidRequests(id), async ({ event, wrong }) => {
      const { status, code, invalid } = await hold(event, item);
      expect({ status, code, invalid: invalid?.toSorted() }).toEqual({
        status: 400,
        code: 'invalid_connection',
        invalid: wrong.toSorted(),
      });
    }),
    { numRuns: 2_000 },
  );
});

test('a body of any bytes is answered by the contract, cheaply, and changes nothing', async () => {
  const item = await loggedIn();
  await fc.assert(
    fc.asyncProperty(anyBodies, async (event) => {
      const { status } = await hold(event, item);
      expect([400, 413, 415]).toContain(status);
    }),
    { numRuns: 1_500 },
  );
  expect(await table.get(id)).toEqual(item);
});

test('an event of any shape is answered by the contract, and is never a defect', async () => {
  let item = await loggedIn();
  await fc.assert(
    fc.asyncProperty(oddEvents(id), async (event) => {
      const { status } = await hold(event, item);
      if (status === 200) item = await loggedIn();
    }),
    { numRuns: 400 },
  );
});
