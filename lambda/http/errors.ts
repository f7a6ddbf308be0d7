import { LogoutError } from '../domain/errors.ts';

/** The largest body that is read, in bytes. */
export const LARGEST_BODY = 65_536;

/** Thrown when the body is larger than 64 KiB. */
export class BodyTooLargeError extends LogoutError {
  readonly code = 'body_too_large';

  constructor() {
    super('The body is larger than 64 KiB.');
  }
}

/** Thrown when there is a body whose `Content-Type` is none of the three formats, or which has none. */
export class UnsupportedMediaTypeError extends LogoutError {
  readonly code = 'unsupported_media_type';

  constructor() {
    super('The Content-Type must be application/json, text/json or application/x-www-form-urlencoded.');
  }
}

/** Thrown when the body is no JSON object, or not UTF-8. Its message says which. */
export class MalformedBodyError extends LogoutError {
  readonly code = 'malformed_body';
}
