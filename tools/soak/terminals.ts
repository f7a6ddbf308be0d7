import { setTimeout as sleep } from 'node:timers/promises';
import { MARKED_USER, MARKER, markedConnection } from './connections.ts';
import type { CountedStack } from './counted-stack.ts';
import { chooseRandom, type Weighted } from './faults.ts';
import type { Entry, TerminalAnswer } from './ledger.ts';

/** The pause of a terminal between two connections, which keeps the load steady. */
const PAUSE_MS = 5;

/** How long a terminal waits before it repeats a request that was answered 503. */
const RETRY_DELAY_MS = 100;

/** What a terminal does with one connection. */
type Behavior = (counted: CountedStack, entry: Entry) => Promise<unknown>;

const repeat: Behavior = (counted, entry) =>
  askUntilKnown(counted, entry, { date_logout: new Date().toISOString() });

const giveUp: Behavior = (counted, entry) => ask(counted, entry, {});

const raceTwin: Behavior = (counted, entry) =>
  Promise.all([
    askUntilKnown(counted, entry, { date_logout: '2026-05-09T17:00:00.0000001+02:00' }),
    askUntilKnown(counted, entry, { date_logout: '2026-05-09T17:00:00.0000002+02:00' }),
  ]);

const askForForeign: Behavior = (counted, entry) => ask(counted, entry, { terminal_id: 'T-2' });

const BEHAVIORS: readonly Weighted<Behavior>[] = [
  [repeat, 70],
  [giveUp, 10],
  [raceTwin, 10],
  [askForForeign, 10],
];

/**
 * Logs in and out, one connection after the other, until the signal aborts.
 *
 * @param onEntry is called with each connection before the first request about it.
 */
export async function runTerminal(
  counted: CountedStack,
  onEntry: (entry: Entry) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const behavior = chooseRandom(BEHAVIORS);
    const connection = markedConnection();
    await counted.stack.table.put(connection);
    const entry: Entry = { id: connection.id, isForeign: behavior === askForForeign, answers: [] };
    onEntry(entry);
    await behavior(counted, entry);
    await sleep(PAUSE_MS);
  }
}

/** Sends a logout once, and enters the answer. */
export async function ask(
  counted: CountedStack,
  { id, answers }: Entry,
  fields: object,
): Promise<TerminalAnswer> {
  const { status, record } = await counted.logOut({ id, message: MARKER, id_user: MARKED_USER, ...fields });
  const answer = { status, date: record?.date_logout };
  answers.push(answer);
  return answer;
}

async function askUntilKnown(counted: CountedStack, entry: Entry, fields: object): Promise<void> {
  while ((await ask(counted, entry, fields)).status === 503) await sleep(RETRY_DELAY_MS);
}
