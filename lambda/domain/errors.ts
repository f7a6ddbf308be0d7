import type { Connection } from './connection.ts';

/** The outcomes other than success: response, log line and metric have these names. */
export type ErrorCode =
  | 'malformed_body'
  | 'invalid_connection'
  | 'connection_not_found'
  | 'already_logged_out'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'internal_error'
  | 'store_unavailable';

/** An outcome other than success. The message is a sentence for the person who reads the response. */
export abstract class LogoutError extends Error {
  abstract readonly code: ErrorCode;
}

/** Makes an outcome of whatever was thrown: what is not one already is a defect. */
export function toLogoutError(error: unknown): LogoutError {
  return error instanceof LogoutError ? error : new InternalError(error);
}

/** Thrown when no item has the id, or when one has it but is not the caller's. The caller sees no difference. */
export class ConnectionNotFoundError extends LogoutError {
  override readonly name = 'ConnectionNotFoundError';
  readonly code = 'connection_not_found';
  /** The names of the conditions that were not met. */
  readonly failedConditions: readonly string[];
  /** The item with the id, if there is one. */
  readonly stored: Connection | undefined;

  constructor(failedConditions: readonly string[], stored?: Connection) {
    super('There is no such connection.');
    this.failedConditions = failedConditions;
    this.stored = stored;
  }
}

/** Thrown when the connection was logged out before, at another instant: the first logout wins. */
export class AlreadyLoggedOutError extends LogoutError {
  override readonly name = 'AlreadyLoggedOutError';
  readonly code = 'already_logged_out';
  /** The stored connection, which the call left as it was. */
  readonly connection: Connection;

  constructor(connection: Connection) {
    super('The connection was already logged out at another time.');
    this.connection = connection;
  }
}

/**
 * Thrown when the table throttled, timed out, could not be reached or gave a response that cannot be read, after
 * every attempt. The write may have happened; repeating the call is safe and settles it.
 */
export class StoreUnavailableError extends LogoutError {
  override readonly name = 'StoreUnavailableError';
  readonly code = 'store_unavailable';
  /** How often the write was sent. */
  readonly attempts: number;

  /** @param cause what the last attempt ended with. */
  constructor(cause: unknown, attempts: number) {
    super(
      'The connection may or may not have been logged out. Repeating the request is safe and settles it.',
      { cause },
    );
    this.attempts = attempts;
  }
}

/** Thrown when the condition failed on an item that meets it: a response that cannot be true. */
export class ContradictoryResponseError extends Error {
  override readonly name = 'ContradictoryResponseError';

  constructor() {
    super('The condition failed on an item that meets it.');
  }
}

/** Thrown when the table refuses the write permanently, and made of whatever is thrown that is not an outcome: a defect. */
export class InternalError extends LogoutError {
  override readonly name = 'InternalError';
  readonly code = 'internal_error';
  /** How often the write was sent, where the table refused it. */
  readonly attempts: number | undefined;

  constructor(cause: unknown, attempts?: number) {
    super('The service has a defect.', { cause });
    this.attempts = attempts;
  }
}
