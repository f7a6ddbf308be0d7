import { isUtf8 } from 'node:buffer';
import { type Field, isField } from '../domain/connection.ts';
import {
  BodyTooLargeError,
  MAX_BODY_BYTES,
  MalformedBodyError,
  UnsupportedMediaTypeError,
} from './errors.ts';
import { decodeBody, readHeader } from './event.ts';
import { parseJsonFields, type RequestFields } from './json.ts';
import { parseRequestType, type RequestType } from './media-type.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/** The values of `Content-Encoding` that name a compression. Terminals send others there too, such as a charset. */
const COMPRESSIONS = ['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'compress', 'x-compress'];

/**
 * Reads the record's fields from the body of an event, in whatever format it came. A body of which nothing is left
 * without byte order mark, whitespace and NULs has no fields. The checks stand in the contract's order.
 *
 * @throws {BodyTooLargeError} above 64 KiB.
 * @throws {UnsupportedMediaTypeError} when a body that is not empty is in none of the three formats, or compressed.
 * @throws {MalformedBodyError} when it is not a JSON object in UTF-8.
 */
export function readFields(event: unknown): RequestFields {
  const bytes = decodeBody(event);
  if (bytes.length > MAX_BODY_BYTES) throw new BodyTooLargeError();
  const text = trimPadding(bytes.toString());
  if (text === '') return {};
  if (readRequestType(event) === 'application/x-www-form-urlencoded') return parseFormFields(text);
  if (!isUtf8(bytes)) throw new MalformedBodyError('The body is not UTF-8.');
  return parseJsonFields(text);
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

/** Reads the fields of a form: of equal names, in any case and with or without `[]` at the end, the first one's value. */
function parseFormFields(text: string): RequestFields {
  const fields: { [F in Field]?: string } = {};
  // Of a text with an escape that is not UTF-8, Node.js keeps only the low byte of what is not ASCII: so all is escaped.
  const ascii = text.replace(/[^\0-\x7f]+/g, encodeURIComponent);
  // The leading & keeps a ? at the start from being taken for the mark of a query.
  for (const [name, value] of new URLSearchParams(`&${ascii}`)) {
    const field = trimBrackets(name.toLowerCase());
    if (isField(field)) fields[field] ??= value;
  }
  return fields;
}

/** Some clients write `terminal_id[]` for a value of a list. */
function trimBrackets(name: string): string {
  let field = name;
  while (field.endsWith('[]')) field = field.slice(0, -2);
  return field;
}
