import type { Field } from '../domain/connection.ts';
import { LogoutError } from '../domain/errors.ts';
import type { LogoutRequest } from '../domain/logout.ts';

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

/** As much of a request as could be read. */
export type PartialLogoutRequest = { readonly [P in keyof LogoutRequest]?: LogoutRequest[P] | undefined };

/** Thrown when fields of a request are wrong. Names every one of them, in the record's order. */
export class InvalidConnectionError extends LogoutError {
  override readonly name = 'InvalidConnectionError';
  readonly code = 'invalid_connection';
  readonly errors: readonly FieldError[];
  /** What the other fields say. */
  readonly request: PartialLogoutRequest;

  constructor(errors: readonly FieldError[], request: PartialLogoutRequest = {}) {
    const fields = errors.map(({ field }) => field).join(', ');
    super(errors.length === 1 ? `This field is wrong: ${fields}.` : `These fields are wrong: ${fields}.`);
    this.errors = errors;
    this.request = request;
  }
}

/**
 * Thrown when callers must hold a token, and the event has no claims: the route has lost its authorizer. A defect of the
 * deployment, so that a terminal repeats the request.
 */
export class MissingClaimsError extends Error {
  override readonly name = 'MissingClaimsError';

  constructor() {
    super('The event has no claims of a token, which AUTH=jwt requires.');
  }
}

/** Thrown when callers must hold a terminal's certificate, and the event has none: mutual TLS is off. */
export class MissingCertificateError extends Error {
  override readonly name = 'MissingCertificateError';

  constructor() {
    super('The event has no client certificate, which CERTIFICATE_SUBJECT=terminal_id requires.');
  }
}
