import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findLeaks, MARKED_USER, MARKER, markedConnection } from '../support/connections.ts';
import { fail, failAfterWrite, halfResponse, loseResponse, notJson, reset } from '../support/faults.ts';
import { type Fault, pass } from '../support/faulty-dynamodb.ts';
import { type LocalService, startLocalService } from '../support/local-service.ts';

/** How long the terminals work. Longer finds smaller leaks: `LOAD_SECONDS=3600 npm run test:reliability`. */
const SECONDS = Number(process.env.LOAD_SECONDS ?? 4);

const TERMINALS = 4;

/** By how much the live heap may grow in the second half, of some hundred requests: measured at up to 0.5 MB. */
const MAX_GROWTH_BYTES = 1_000_000;

/** Makes a request large, so that one which is kept is seen. */
const PADDING = 'x'.repeat(20_000);

/** Loaded into the function's process in front of the bundle. */
const REPORT_LIVE_HEAP = `data:text/javascript,${encodeURIComponent(
  "setInterval(() => { gc(); console.log('live heap', process.memoryUsage().heapUsed); }, 500).unref();",
)}`;

/** What may happen to a request to the table: to one in ten of them. */
const HARMLESS_FAULTS: readonly Fault[] = [
  ...[loseResponse, reset, halfResponse, notJson],
  ...[fail(400, 'ThrottlingException'), fail(500, 'InternalServerError')],
  failAfterWrite(500, 'InternalServerError'),
];

/** A connection, and all responses about it. */
interface Entry {
  readonly id: string;
  /** Whether only a terminal that is not the connection's asks for it. */
  readonly isForeign: boolean;
  readonly responses: { readonly status: number; readonly date: unknown }[];
}

let service: LocalService;
const entries: Entry[] = [];

beforeAll(async () => {
  service = await startLocalService({ NODE_OPTIONS: `--expose-gc --import=${REPORT_LIVE_HEAP}` });
});
afterAll(() => service.close());

const choose = <T>(choices: readonly T[]): T => choices[Math.floor(Math.random() * choices.length)] as T;

async function ask({ id, responses }: Entry, fields: object): Promise<number> {
  const body = { id, message: MARKER, id_user: MARKED_USER, unknown: PADDING, ...fields };
  const { status, record } = await service.logOut(body);
  responses.push({ status, date: record?.date_logout });
  return status;
}

async function askUntilKnown(entry: Entry, fields: object): Promise<void> {
  while ((await ask(entry, fields)) === 503) await sleep(20);
}

/** Logs connections out, one after the other: most are asked for until the outcome is known, some by two at once. */
async function runTerminal(deadline: number): Promise<void> {
  while (Date.now() < deadline) {
    const kind = choose(['repeat', 'repeat', 'repeat', 'give up', 'race', 'foreign']);
    const connection = markedConnection();
    await service.table.put(connection);
    const entry: Entry = { id: connection.id, isForeign: kind === 'foreign', responses: [] };
    entries.push(entry);
    const dates = ['2026-05-09T17:00:00.0000001Z', '2026-05-09T17:00:00.0000002Z'];
    if (kind === 'foreign') await ask(entry, { terminal_id: 'T-2' });
    else if (kind === 'give up') await ask(entry, {});
    else if (kind === 'race')
      await Promise.all(dates.map((date_logout) => askUntilKnown(entry, { date_logout })));
    else await askUntilKnown(entry, { date_logout: new Date().toISOString() });
  }
}

/** What became of a connection must be what the responses say. */
async function judge(entry: Entry): Promise<void> {
  const { id, isForeign, responses } = entry;
  const item = await service.table.get(id);
  const writes = service.dynamodb.writes.get(id) ?? 0;
  const statuses = responses.map(({ status }) => status);
  const allowed = isForeign ? [404, 503] : [200, 409, 503];
  const what = JSON.stringify({ entry, item, writes });

  expect(allowed, what).toEqual(expect.arrayContaining(statuses));
  expect(writes, what).toBeLessThanOrEqual(isForeign ? 0 : 1);
  expect(item, what).toMatchObject(writes === 1 ? { success: true } : { id });
  expect(item?.date_logout !== undefined, what).toBe(writes === 1);
  for (const { date } of responses) if (date !== undefined) expect(date, what).toBe(item?.date_logout);
  if (statuses.includes(200)) expect(writes, what).toBe(1);
  // What was written, and is known to no terminal, the repeat settles.
  if (writes === 1 && !statuses.includes(200)) expect(await ask(entry, {}), what).toBe(200);
}

test(`under mixed load with faults for ${SECONDS} s nothing is lost, false or leaked, and the heap stays flat`, {
  timeout: SECONDS * 1_000 + 60_000,
}, async () => {
  service.dynamodb.choose(() => (Math.random() < 0.1 ? choose(HARMLESS_FAULTS) : pass));
  const deadline = Date.now() + SECONDS * 1_000;
  await Promise.all(Array.from({ length: TERMINALS }, () => runTerminal(deadline)));
  service.dynamodb.choose(() => pass);
  await service.dynamodb.settled();

  expect(entries.length).toBeGreaterThan(TERMINALS);
  for (const entry of entries) await judge(entry);
  const { output } = service.lambda;
  expect(findLeaks(output)).toEqual([]);
  const heaps = output
    .filter((line) => line.startsWith('live heap'))
    .map((line) => Number(line.split(' ')[2]));
  const second = heaps.slice(heaps.length / 2);
  expect(second.length).toBeGreaterThan(1);
  expect((second.at(-1) ?? 0) - (second[0] ?? 0), `${heaps}`).toBeLessThan(MAX_GROWTH_BYTES);
});
