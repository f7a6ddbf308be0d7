import type { Item } from '../local/table.ts';

/** What one terminal was told of a connection: the status of an answer, and the `date_logout` of a 200 or a 409. */
export interface Told {
  readonly status: number;
  readonly date?: unknown;
}

/** A connection, and all that its terminals were told. */
export interface Entry {
  readonly id: string;
  /** Whether only strangers ask for it, who must get nothing. */
  readonly isForeign: boolean;
  readonly told: Told[];
}

/** How a connection is accounted for. */
export type Account =
  /** Logged out once, as a 200 said. */
  | 'acknowledged'
  /** Logged out once; the terminal was told that the outcome is unknown, and went away. */
  | 'unknown'
  /** Open, and nobody was told anything else. */
  | 'open';

/**
 * Accounts for a connection.
 *
 * @param item the item as it is at the end.
 * @param writes how often the table has written it.
 * @returns the account, or a sentence that says what is wrong.
 */
export function accountFor(
  { id, isForeign, told }: Entry,
  item: Item | undefined,
  writes: number,
): { account: Account } | { violation: string } {
  const violation = (what: string) => ({
    violation: `${id}: ${what} (${JSON.stringify({ told, writes, item })}).`,
  });
  if (item === undefined) return violation('the connection is gone');
  if (writes > 1) return violation('it was logged out more than once');

  const date = item.date_logout;
  const isLoggedOut = typeof date === 'string';
  if (isLoggedOut !== (writes === 1) || isLoggedOut !== (item.success === true)) {
    return violation('the item is not as it was written');
  }
  if (told.some((one) => one.date !== undefined && one.date !== date)) {
    return violation('a terminal was told another date than the stored one');
  }
  const allowed = isForeign ? [404, 503] : [200, 409, 503];
  if (told.some(({ status }) => !allowed.includes(status))) return violation('a status is none that may be');
  if (isForeign && isLoggedOut) return violation('a stranger has logged it out');

  const isAcknowledged = told.some(({ status }) => status === 200);
  if (isAcknowledged) return isLoggedOut ? { account: 'acknowledged' } : violation('a 200 was false');
  if (!isLoggedOut) return { account: 'open' };
  return told.some(({ status }) => status === 503)
    ? { account: 'unknown' }
    : violation('it was logged out, and nobody was told');
}
