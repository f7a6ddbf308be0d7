import type { Field } from '../domain/connection.ts';
import { LogoutError } from '../domain/errors.ts';
import type { Logout } from '../domain/logout.ts';

/** The largest body that is read. */
export const MAX_BODY_BYTES = 65_536;

/** Thrown when the body is larger than {@link MAX_BODY_BYTES}. */
export class BodyTooLargeError extends LogoutError {
  override readonly name = 'BodyTooLargeError';
  readonly code = 'body_too_large';

  constructor() {
    super(`The body is larger than ${MAX_BODY_BYTES / 1_024} KiB.`);
  }
}

/** Thrown when a body that is not empty is in none of the three formats, names none, or is compressed. */
export class UnsupportedMediaTypeError extends LogoutError {
  override readonly name = 'UnsupportedMediaTypeError';
  readonly code = 'unsupported_media_type';
}

/** Thrown when the body is not a JSON object, or not UTF-8. Its message says which. */
export class MalformedBodyError extends LogoutError {
  override readonly name = 'MalformedBodyError';
  readonly code = 'malformed_body';
}

/** Why a field was refused, for the log. */
type Reason = 'required' | 'type' | 'format' | 'too_long' | 'future' | 'before_login';

/** One field that is wrong, and the sentence that says what would be right. It never repeats the value. */
export interface FieldError {
  readonly field: Field;
  readonly message: string;
  readonly reason: Reason;
}

/** As much of a logout as could be read. */
export type PartialLogout = { readonly [P in keyof Logout]?: Logout[P] | undefined };

/** Thrown when fields of a request are wrong. Names every one of them, in the record's order. */
export class InvalidConnectionError extends LogoutError {
  override readonly name = 'InvalidConnectionError';
  readonly code = 'invalid_connection';
  readonly errors: readonly FieldError[];
  /** What the other fields say. */
  readonly logout: PartialLogout;

  constructor(errors: readonly FieldError[], logout: PartialLogout = {}) {
    const fields = errors.map(({ field }) => field).join(', ');
    super(errors.length === 1 ? `This field is wrong: ${fields}.` : `These fields are wrong: ${fields}.`);
    this.errors = errors;
    this.logout = logout;
  }
}
