import { FIELD_TYPES, FIELDS, type Field, isField } from '../domain/connection.ts';
import { MalformedBodyError } from './errors.ts';

const SPACE = String.raw`[ \t\r\n]*`;
const NAME = `"(?:${FIELDS.join('|')})"`;
const PLAIN_VALUE = String.raw`(?:"[^"\\\0-\x1f]*"|true|false|null)`;

/** An object with the record's own names, and neither numbers, nor escapes, nor nested values. */
const PLAIN_RECORD = new RegExp(
  `^{(?:${SPACE}${NAME}${SPACE}:${SPACE}${PLAIN_VALUE}${SPACE}(?:,(?=${SPACE}")|(?=}$)))+}$`,
);

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g;

/** Whether a value that came as JSON is an object, and not a list. Its members may be anything. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reduces a JSON object to the fields of the record, since Middy's parser cannot take all that the contract allows: it
 * stops at about 2,000 levels of nesting, where 64 KiB hold 32,000; of names that are equal but for their case it does
 * not say which came last; and it rounds numbers.
 *
 * @returns a JSON object: names in lower case, each once with its last value; a number for a string field as a string of
 *   its digits; nested values emptied, since no field of the record may hold one.
 * @throws {MalformedBodyError} when the text is not JSON as RFC 8259 has it, or not an object.
 */
export function reduceJson(text: string): string {
  // Most bodies need no more.
  if (PLAIN_RECORD.test(text)) return text;
  if (!isObjectText(text)) throw new MalformedBodyError('The body is not a JSON object.');
  const members = [...findTopLevelFields(text)].map(([field, value]) => `"${field}":${value}`);
  return `{${members.join(',')}}`;
}

function isObjectText(text: string): boolean {
  try {
    return isJsonObject(JSON.parse(text));
  } catch {
    return false;
  }
}

/** Finds the fields of the outermost object and their JSON, in the order of the text, so that the last one wins. */
function findTopLevelFields(text: string): Map<Field, string> {
  const fields = new Map<Field, string>();
  let depth = 0;
  let name = '';
  let source = '';
  const endMember = () => {
    if (isField(name)) fields.set(name, FIELD_TYPES[name] === 'string' ? quoteNumber(source) : source);
    source = '';
  };
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '}' || token === ']') depth--;
    if (depth === 0 && token === '}') endMember();
    if (depth === 1) {
      if (token === ',') {
        endMember();
      } else if (token === ':') {
        name = String(JSON.parse(source)).toLowerCase();
        source = '';
      } else {
        source += token;
      }
    }
    if (token === '{' || token === '[') depth++;
  }
  return fields;
}

function quoteNumber(source: string): string {
  return /^[-\d]/.test(source) ? `"${source}"` : source;
}
