import { isUtf8 } from 'node:buffer';
import type { MiddlewareObj } from '@middy/core';
import {
  BodyTooLargeError,
  MAX_BODY_BYTES,
  MalformedBodyError,
  UnsupportedMediaTypeError,
} from './errors.ts';
import { bodyBytes, type GatewayEvent, header } from './event.ts';
import { type RequestType, requestType } from './media-type.ts';
import { formToRecord, jsonToRecord } from './record-json.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Makes the JSON of the record's fields of the body, in whatever format it came: for Middy's parser to read. A body of
 * which nothing is left without byte order mark, whitespace and NULs is an object without fields.
 *
 * @throws {BodyTooLargeError} above 64 KiB.
 * @throws {UnsupportedMediaTypeError} when a body that is not empty is in none of the three formats, or compressed.
 * @throws {MalformedBodyError} when it is not UTF-8, or not a JSON object.
 */
export function readBody(): MiddlewareObj<GatewayEvent> {
  return {
    before(request) {
      request.event = { ...request.event, body: recordJson(request.event), isBase64Encoded: false };
    },
  };
}

/** The checks stand in the contract's order. */
function recordJson(event: GatewayEvent): string {
  const bytes = bodyBytes(event);
  if (bytes.length > MAX_BODY_BYTES) throw new BodyTooLargeError();
  const text = withoutPadding(bytes.toString());
  if (text === '') return '{}';
  const format = formatOf(event);
  if (!isUtf8(bytes)) throw new MalformedBodyError('The body is not UTF-8.');
  return format === 'application/x-www-form-urlencoded' ? formToRecord(text) : jsonToRecord(text);
}

function formatOf(event: GatewayEvent): RequestType {
  const format = requestType(header(event, 'content-type'));
  if (format === undefined) {
    throw new UnsupportedMediaTypeError(
      'The Content-Type must be application/json, text/json or application/x-www-form-urlencoded.',
    );
  }
  const encodings = (header(event, 'content-encoding') ?? '').split(',').map((encoding) => encoding.trim());
  if (encodings.some((encoding) => encoding !== '' && encoding.toLowerCase() !== 'identity')) {
    throw new UnsupportedMediaTypeError(
      'The body must not be compressed: its Content-Encoding must be identity.',
    );
  }
  return format;
}

/** A loop, since a regular expression for it is quadratic: 3.2 s on 64 KiB of whitespace. */
function withoutPadding(text: string): string {
  let end = text.length;
  while (end > 0 && isPadding(text.charAt(end - 1))) end--;
  return text.slice(text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0, end);
}

function isPadding(character: string): boolean {
  return character === '\0' || character.trim() === '';
}
