import type { Connection, Field } from './connection.ts';

/** What the log tells of an error and the caller is not told, under the names of the log line. */
export interface Facts {
  readonly connection_id?: string;
  readonly terminal_id?: string | undefined;
  readonly terminal_type?: string | undefined;
  readonly failed_condition?: string;
  readonly item_exists?: boolean;
  readonly invalid_fields?: string;
  readonly store_attempts?: number | undefined;
}

/** The outcomes that are no success, those of reading a request among them: answer, log and metric have these names. */
export type ErrorCode =
  | 'malformed_body'
  | 'invalid_connection'
  | 'connection_not_found'
  | 'already_logged_out'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'internal_error'
  | 'store_unavailable';

/**
 * An outcome that is no success. Whatever else is thrown is a defect, and answered as `internal_error`.
 * The message is a sentence for the person who reads the answer.
 */
export abstract class LogoutError extends Error {
  abstract readonly code: ErrorCode;
  readonly facts: Facts = {};
}

/** One field that is wrong, and the sentence that says what would be right. It never repeats the value. */
export interface FieldError {
  readonly field: Field;
  readonly message: string;
}

/** Thrown when fields of a request are wrong. Names every one of them, in the record's order. */
export class InvalidConnectionError extends LogoutError {
  readonly code = 'invalid_connection';
  readonly errors: readonly FieldError[];
  override readonly facts: Facts;

  /** @param known what the request says of its connection and its terminal, in fields that are right. */
  constructor(
    errors: readonly FieldError[],
    known: Pick<Facts, 'connection_id' | 'terminal_id' | 'terminal_type'> = {},
  ) {
    const fields = errors.map(({ field }) => field).join(', ');
    super(errors.length === 1 ? `This field is wrong: ${fields}.` : `These fields are wrong: ${fields}.`);
    this.errors = errors;
    this.facts = { ...known, invalid_fields: fields };
  }
}

/** Thrown when no item has the id, or when one has it but is not the caller's. The caller sees no difference. */
export class ConnectionNotFoundError extends LogoutError {
  readonly code = 'connection_not_found';
  override readonly facts: Facts;

  /** @param failedConditions the conditions that the item did not meet; none where there is no item. */
  constructor(failedConditions: readonly string[] | undefined) {
    super('There is no such connection.');
    this.facts = {
      failed_condition: failedConditions?.join(', ') ?? 'exists',
      item_exists: failedConditions !== undefined,
    };
  }
}

/** Thrown when the connection was logged out before, at another instant: the first logout wins. */
export class AlreadyLoggedOutError extends LogoutError {
  readonly code = 'already_logged_out';
  /** The stored connection, which the call left as it was. */
  readonly connection: Connection;
  override readonly facts: Facts;

  constructor(connection: Connection) {
    super('The connection was already logged out at another time.');
    const { terminal_id, terminal_type } = connection;
    this.connection = connection;
    this.facts = { terminal_id, terminal_type, failed_condition: 'logged_in', item_exists: true };
  }
}

/**
 * Thrown when the table throttled, timed out, could not be reached or gave an answer that cannot be read, after
 * every attempt. The write may have happened; repeating the call is safe and settles it.
 */
export class StoreUnavailableError extends LogoutError {
  readonly code = 'store_unavailable';

  override readonly facts: Facts;

  /**
   * @param cause what the last attempt ended with.
   * @param attempts how often the write was sent, where that is known.
   */
  constructor(cause: unknown, attempts?: number) {
    super(
      'The connection may or may not have been logged out. Repeating the request is safe and settles it.',
      {
        cause,
      },
    );
    this.facts = { store_attempts: attempts };
  }
}
