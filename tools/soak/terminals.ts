import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CountedStack } from './counted-stack.ts';
import type { Entry, Told } from './ledger.ts';
import { MARKED_USER, MARKER, markedConnection } from './markers.ts';

/** How long a terminal rests between two connections, in milliseconds, so that the load is steady. */
const REST = 5;

/** How long a terminal waits before it repeats a request that was answered 503, in milliseconds. */
const PATIENCE = 100;

/** What a terminal does with a connection, by how often of a hundred. */
const HABITS = { repeats: 70, givesUp: 10, hasTwin: 10, isStranger: 10 } as const;

type Habit = keyof typeof HABITS;

/**
 * Logs in and out, one connection after the other, until it is told to stop.
 *
 * @param enter told each connection before anything is asked about it.
 */
export async function runTerminal(
  counted: CountedStack,
  enter: (entry: Entry) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const habit = anyHabit();
    const entry: Entry = { id: randomUUID(), isForeign: habit === 'isStranger', told: [] };
    await counted.table.put(markedConnection({ id: entry.id }));
    enter(entry);
    await HABIT[habit](counted, entry);
    await sleep(REST);
  }
}

const HABIT: Readonly<Record<Habit, (counted: CountedStack, entry: Entry) => Promise<unknown>>> = {
  repeats: (counted, entry) => untilToldOf(counted, entry, { date_logout: new Date().toISOString() }),
  givesUp: (counted, entry) => ask(counted, entry, {}),
  hasTwin: (counted, entry) =>
    Promise.all([
      untilToldOf(counted, entry, { date_logout: '2026-05-09T17:00:00.0000001+02:00' }),
      untilToldOf(counted, entry, { date_logout: '2026-05-09T17:00:00.0000002+02:00' }),
    ]),
  isStranger: (counted, entry) => ask(counted, entry, { terminal_id: 'T-2' }),
};

/** Asks what became of a connection, once. */
export async function ask(counted: CountedStack, { id, told }: Entry, fields: object): Promise<Told> {
  const { status, record } = await counted.logOut({ id, message: MARKER, id_user: MARKED_USER, ...fields });
  const one = { status, ...(record && { date: record.date_logout }) };
  told.push(one);
  return one;
}

async function untilToldOf(counted: CountedStack, entry: Entry, fields: object): Promise<void> {
  while ((await ask(counted, entry, fields)).status === 503) await sleep(PATIENCE);
}

function anyHabit(): Habit {
  let left = Math.random() * 100;
  for (const [habit, share] of Object.entries(HABITS)) {
    left -= share;
    if (left < 0) return habit as Habit;
  }
  return 'repeats';
}
