import { isUtf8 } from 'node:buffer';
import type { MiddlewareObj } from '@middy/core';
import { type Field, isField } from '../domain/connection.ts';
import {
  BodyTooLargeError,
  MAX_BODY_BYTES,
  MalformedBodyError,
  UnsupportedMediaTypeError,
} from './errors.ts';
import { decodeBody, readHeader, replaceBody } from './event.ts';
import { reduceJson } from './json.ts';
import { parseRequestType, type RequestType } from './media-type.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/** The values of `Content-Encoding` that name a compression. Terminals send others there too, such as a charset. */
const COMPRESSIONS = ['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'compress', 'x-compress'];

/**
 * Replaces the body of an event, in whatever format it came, by the JSON text of the record's fields, for Middy's
 * parser. A body of which nothing is left without byte order mark, whitespace and NULs is an object without fields.
 *
 * @throws {BodyTooLargeError} above 64 KiB.
 * @throws {UnsupportedMediaTypeError} when a body that is not empty is in none of the three formats, or compressed.
 * @throws {MalformedBodyError} when it is not a JSON object in UTF-8.
 */
export function readBody(): MiddlewareObj<unknown> {
  return {
    before(request) {
      request.event = replaceBody(request.event, readJson(request.event));
    },
  };
}

/** The checks stand in the contract's order. */
function readJson(event: unknown): string {
  const bytes = decodeBody(event);
  if (bytes.length > MAX_BODY_BYTES) throw new BodyTooLargeError();
  const text = trimPadding(bytes.toString());
  if (text === '') return '{}';
  if (readRequestType(event) === 'application/x-www-form-urlencoded') return formToJson(text);
  if (!isUtf8(bytes)) throw new MalformedBodyError('The body is not UTF-8.');
  return reduceJson(text);
}

function readRequestType(event: unknown): RequestType {
  const type = parseRequestType(readHeader(event, 'content-type'));
  if (type === undefined) {
    throw new UnsupportedMediaTypeError(
      'The Content-Type must be application/json, text/json or application/x-www-form-urlencoded.',
    );
  }
  const encodings = (readHeader(event, 'content-encoding') ?? '').toLowerCase().split(',');
  if (encodings.some((encoding) => COMPRESSIONS.includes(encoding.trim()))) {
    throw new UnsupportedMediaTypeError('The body must not be compressed: its Content-Encoding says it is.');
  }
  return type;
}

/** A loop, since a regular expression for it is quadratic: 3.2 s on 64 KiB of whitespace. */
function trimPadding(text: string): string {
  let end = text.length;
  while (end > 0 && isPadding(text.charAt(end - 1))) end--;
  return text.slice(text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0, end);
}

function isPadding(character: string): boolean {
  return character === '\0' || character.trim() === '';
}

/** Of equal names, in any case and with or without `[]` at the end, a form takes the first one's value. */
function formToJson(text: string): string {
  const fields: { [F in Field]?: string } = {};
  // Of a text with an escape that is not UTF-8, Node.js keeps only the low byte of what is not ASCII: so all is escaped.
  const ascii = text.replace(/[^\0-\x7f]+/g, encodeURIComponent);
  // The leading & keeps a ? at the start from being taken for the mark of a query.
  for (const [name, value] of new URLSearchParams(`&${ascii}`)) {
    const field = trimBrackets(name.toLowerCase());
    if (isField(field)) fields[field] ??= value;
  }
  return JSON.stringify(fields);
}

/** Some clients write `terminal_id[]` for a value of a list. */
function trimBrackets(name: string): string {
  let field = name;
  while (field.endsWith('[]')) field = field.slice(0, -2);
  return field;
}
