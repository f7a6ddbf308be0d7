import { type Connection, IDENTITY_FIELDS, type IdentityField } from './connection.ts';
import { type DateTime, parseDateTime, TICKS_PER_MINUTE } from './date-time.ts';
import {
  AlreadyLoggedOutError,
  ConnectionNotFoundError,
  ContradictoryResponseError,
  StoreUnavailableError,
} from './errors.ts';
import type { Guid } from './guid.ts';
import type { TimeZone } from './time-zone.ts';

/** What a terminal asks for: that one connection be logged out. */
export interface LogoutRequest {
  /** Which connection. */
  readonly id: Guid;
  /** What the request says of whose it is. Each value that is given must equal the stored one. */
  readonly identity: Readonly<Partial<Record<IdentityField, string | undefined>>>;
  /** Stored in place of the login's message, if given. */
  readonly message?: string | undefined;
  /** When the terminal logged out, if it says so. */
  readonly dateLogout?: DateTime | undefined;
  /** The server's clock when the request came in: the date of the logout where the terminal gives none. */
  readonly receivedAt: DateTime;
}

/** A request, and who makes it. */
export interface Logout extends LogoutRequest {
  readonly caller: Caller;
}

/**
 * What the caller has proved. Each value must equal the stored one; `null` is a proof without a value, which equals
 * nothing. `undefined` is a proof that is not asked for.
 */
export interface Caller {
  /** The subject of the token. */
  readonly id_user?: Guid | null | undefined;
  /** The common name of the client certificate. */
  readonly terminal_id?: string | null | undefined;
}

/** What the log calls a proof that did not match. */
const CALLER_CONDITIONS = { id_user: 'caller', terminal_id: 'certificate' } as const;

/** The fields that a caller may have to prove. */
export const CALLER_FIELDS = ['id_user', 'terminal_id'] as const satisfies readonly (keyof Caller)[];

/** The result of the conditional write: the item as it is now stored, or as it was when the condition failed. */
export type WriteResult = {
  /** How often the write was sent. */
  readonly attempts: number;
} & (
  | { readonly written: true; readonly connection: Connection }
  | { readonly written: false; readonly connection: Connection; readonly isLoggedIn: boolean }
  | { readonly written: false; readonly connection?: undefined }
);

/** A logout that succeeded: by this call, or by an earlier one that this call repeats. */
export interface Success {
  readonly outcome: 'logged_out' | 'repeated';
  readonly connection: Connection;
}

/** How far ahead of the server's clock a terminal's clock may be. */
const MAX_AHEAD_MINUTES = 5;

/**
 * Checks the dates of a request against each other and against the server's clock. A date in the past is right:
 * terminals that were offline report late.
 *
 * @returns why `date_logout` is wrong, and a sentence that says so; `undefined` if it is not.
 */
export function validateDateLogout(
  dateLogout: DateTime,
  dateLogin: DateTime | undefined,
  now: DateTime,
): { readonly reason: 'future' | 'before_login'; readonly message: string } | undefined {
  if (dateLogout.ticks > now.ticks + BigInt(MAX_AHEAD_MINUTES) * TICKS_PER_MINUTE) {
    const message = `date_logout must not be more than ${MAX_AHEAD_MINUTES} minutes ahead of the server's clock.`;
    return { reason: 'future', message };
  }
  if (dateLogin !== undefined && dateLogout.ticks < dateLogin.ticks) {
    return { reason: 'before_login', message: 'date_logout must not be earlier than date_login.' };
  }
  return undefined;
}

/**
 * Resolves the outcome of a logout from the result of its write.
 *
 * @param zone where a stored date without an offset is wall-clock time.
 * @throws {ConnectionNotFoundError} when there is no such connection, or it is not the caller's or the terminal's.
 * @throws {AlreadyLoggedOutError} when it was logged out before, at another instant.
 * @throws {StoreUnavailableError} when the table refused the write although the item meets every condition.
 */
export function resolveOutcome(write: WriteResult, logout: Logout, zone: TimeZone): Success {
  const { connection } = write;
  if (write.written) return { outcome: 'logged_out', connection: write.connection };
  if (connection === undefined) throw new ConnectionNotFoundError(['exists']);
  const failed = failedConditions(connection, logout);
  if (failed.length > 0) throw new ConnectionNotFoundError(failed, connection);
  if (write.isLoggedIn) throw new StoreUnavailableError(new ContradictoryResponseError(), write.attempts);
  if (isRepeat(connection, logout, zone)) return { outcome: 'repeated', connection };
  throw new AlreadyLoggedOutError(connection);
}

/** The names of the conditions on whose connection it is that the stored one does not meet. */
function failedConditions(stored: Connection, { identity, caller }: Logout): string[] {
  const given = IDENTITY_FIELDS.filter(
    (field) => identity[field] !== undefined && identity[field] !== stored[field],
  );
  const proved = CALLER_FIELDS.filter(
    (field) => caller[field] !== undefined && caller[field] !== stored[field],
  );
  return [...given, ...proved.map((field) => CALLER_CONDITIONS[field])];
}

/** A stored date that is not a date counts as another instant. */
function isRepeat(stored: Connection, { dateLogout }: Logout, zone: TimeZone): boolean {
  if (dateLogout === undefined) return true;
  return parseDateTime(stored.date_logout ?? '', zone)?.ticks === dateLogout.ticks;
}
