import { type Connection, IDENTITY_FIELDS, type IdentityField } from './connection.ts';
import { type DateTime, parseDateTime, TICKS_PER_MINUTE } from './date-time.ts';
import { AlreadyLoggedOutError, ConnectionNotFoundError, StoreUnavailableError } from './errors.ts';
import type { Guid } from './guid.ts';
import type { TimeZone } from './time-zone.ts';

/** What a terminal asks for: that one connection be logged out. */
export interface Logout {
  /** Which connection. */
  readonly id: Guid;
  /** What the request says of whose it is. Each value must equal the stored one. */
  readonly identity: Readonly<Partial<Record<IdentityField, string>>>;
  /** Stored in place of the login's message, if given. */
  readonly message?: string;
  /** When the terminal logged out, if it says so. */
  readonly dateLogout?: DateTime;
  /** The server's clock when the request came in: the date of the logout where the terminal gives none. */
  readonly receivedAt: DateTime;
  /** Who calls, where callers are authenticated by token. */
  readonly caller?: Caller;
}

/** The holder of a token. */
export interface Caller {
  /** The token's subject as a GUID; absent where it has none, and then no connection is the caller's. */
  readonly subject?: Guid;
}

/** What came of the conditional write: the connection as it is now stored, or as it was when the condition failed. */
export type Write =
  | { readonly written: true; readonly connection: Connection }
  | { readonly written: false; readonly connection: Connection; readonly isLoggedIn: boolean }
  | { readonly written: false; readonly connection?: undefined };

/** A logout that succeeded: by this call, or by an earlier one of which this is the repeat. */
export interface Success {
  readonly outcome: 'logged_out' | 'repeated';
  readonly connection: Connection;
}

/** How far ahead of the server's clock a terminal's clock may be, in minutes. */
const CLOCK_TOLERANCE = 5;

/**
 * Checks the dates of a request against each other and against the server's clock. A date in the past is right:
 * terminals that were offline report late.
 *
 * @returns a sentence that says what is wrong with `date_logout`; `undefined` where nothing is.
 */
export function wrongDateLogout(
  dateLogout: DateTime,
  dateLogin: DateTime | undefined,
  now: DateTime,
): string | undefined {
  if (dateLogout.ticks > now.ticks + BigInt(CLOCK_TOLERANCE) * TICKS_PER_MINUTE) {
    return `date_logout must not be more than ${CLOCK_TOLERANCE} minutes ahead of the server's clock.`;
  }
  if (dateLogin !== undefined && dateLogout.ticks < dateLogin.ticks) {
    return 'date_logout must not be earlier than date_login.';
  }
  return undefined;
}

/**
 * Decides what a write came to.
 *
 * @param zone where a stored date without an offset is wall-clock time.
 * @throws {ConnectionNotFoundError} when there is no such connection, or it is not the caller's or the terminal's.
 * @throws {AlreadyLoggedOutError} when it was logged out before, at another instant.
 * @throws {StoreUnavailableError} when the table refused the write although the item meets every condition.
 */
export function decide(write: Write, logout: Logout, zone: TimeZone): Success {
  if (write.written) return { outcome: 'logged_out', connection: write.connection };
  if (write.connection === undefined) throw new ConnectionNotFoundError(undefined);
  const failed = failedConditions(write.connection, logout);
  if (failed.length > 0) throw new ConnectionNotFoundError(failed);
  if (write.isLoggedIn)
    throw new StoreUnavailableError(new Error('The condition failed on an item that meets it.'));
  if (isRepeat(write.connection, logout, zone)) return { outcome: 'repeated', connection: write.connection };
  throw new AlreadyLoggedOutError(write.connection);
}

/** The names of the conditions on whose connection it is that the stored one does not meet. */
function failedConditions(stored: Connection, { identity, caller }: Logout): string[] {
  const failed: string[] = IDENTITY_FIELDS.filter(
    (field) => identity[field] !== undefined && identity[field] !== stored[field],
  );
  const isCallers =
    caller === undefined || (caller.subject !== undefined && caller.subject === stored.id_user);
  return isCallers ? failed : [...failed, 'caller'];
}

/** A stored date that is no date counts as another instant. */
function isRepeat(stored: Connection, { dateLogout }: Logout, zone: TimeZone): boolean {
  if (dateLogout === undefined) return true;
  return parseDateTime(stored.date_logout ?? '', zone)?.ticks === dateLogout.ticks;
}
