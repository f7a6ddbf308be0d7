import type { Item } from '../local/table.ts';

/** An answer to a terminal: its status, and the `date_logout` of a 200 or a 409. */
export interface TerminalAnswer {
  readonly status: number;
  readonly date?: unknown;
}

/** A connection, and all answers about it. */
export interface Entry {
  readonly id: string;
  /** Whether only a terminal that is not the connection's asks for it. */
  readonly isForeign: boolean;
  readonly answers: TerminalAnswer[];
}

/** What became of a connection. */
export type EntryState =
  /** Logged out once, as a 200 said. */
  | 'acknowledged'
  /** Logged out once; the terminal got 503 and gave up. */
  | 'unknown'
  /** Not logged out, and not acknowledged. */
  | 'open';

/**
 * Judges what became of a connection.
 *
 * @param item the item at the end.
 * @param writes how often the table has written it.
 * @returns its state, or a sentence that says what is wrong.
 */
export function judgeEntry(
  { id, isForeign, answers }: Entry,
  item: Item | undefined,
  writes: number,
): { state: EntryState } | { violation: string } {
  const violation = (what: string) => ({
    violation: `${id}: ${what} (${JSON.stringify({ answers, writes, item })}).`,
  });
  if (item === undefined) return violation('the connection is gone');
  if (writes > 1) return violation('it was written more than once');

  const date = item.date_logout;
  const isLoggedOut = typeof date === 'string';
  if (isLoggedOut !== (writes === 1) || isLoggedOut !== (item.success === true)) {
    return violation('the item is not as it was written');
  }
  if (answers.some((answer) => answer.date !== undefined && answer.date !== date)) {
    return violation('an answer shows another date than the stored one');
  }
  const allowed = isForeign ? [404, 503] : [200, 409, 503];
  if (answers.some(({ status }) => !allowed.includes(status))) return violation('a status is not allowed');
  if (isForeign && isLoggedOut) return violation('a foreign terminal has logged it out');

  const isAcknowledged = answers.some(({ status }) => status === 200);
  if (isAcknowledged) return isLoggedOut ? { state: 'acknowledged' } : violation('a 200 was false');
  if (!isLoggedOut) return { state: 'open' };
  return answers.some(({ status }) => status === 503)
    ? { state: 'unknown' }
    : violation('it was logged out, and no answer says so');
}
