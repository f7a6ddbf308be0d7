import { FIELD_TYPES, FIELDS, type Field } from '../domain/connection.ts';
import { MalformedBodyError } from './errors.ts';
import { isJsonObject } from './json-object.ts';

const SPACE = String.raw`[ \t\r\n]*`;
const NAME = `"(?:${FIELDS.join('|')})"`;
const PLAIN_VALUE = String.raw`(?:"[^"\\\0-\x1f]*"|true|false|null)`;

/** An object that needs no rewriting: the record's own names, and neither numbers, nor escapes, nor nested values. */
const PLAIN_RECORD = new RegExp(
  `^{(?:${SPACE}${NAME}${SPACE}:${SPACE}${PLAIN_VALUE}${SPACE}(?:,(?=${SPACE}")|(?=}$)))+}$`,
);

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g;

/**
 * Rewrites a JSON object to the fields of the record alone, since Middy's parser cannot take all that the contract
 * allows: it stops at about 2,000 levels of nesting, where 64 KiB hold 32,000; of equal names in different case it
 * cannot tell which came last; and it rounds numbers before anyone sees their digits. What needs none of this, as most
 * bodies do not, is returned as it is.
 *
 * @returns a JSON object: names in lower case, each once with its last value; a number for a string field as a
 *   string of its digits; nested values emptied, since no field of the record may hold one.
 * @throws {MalformedBodyError} when the text is not JSON as RFC 8259 has it, or not an object.
 */
export function jsonToRecord(text: string): string {
  if (PLAIN_RECORD.test(text)) return text;
  if (!isObjectText(text)) throw new MalformedBodyError('The body is not a JSON object.');
  const members = [...topLevelMembers(text)].map(([name, source]) => `"${name}":${source}`);
  return `{${members.join(',')}}`;
}

/**
 * Writes the fields of a form as JSON. Of equal names, in any case, a form takes the first.
 *
 * @returns a JSON object: names in lower case, and strings.
 */
export function formToRecord(text: string): string {
  const fields: Record<string, string> = {};
  // Of a text with an escape that is not UTF-8, Node.js keeps only the low byte of what is not ASCII: so all is escaped.
  const ascii = text.replace(/[^\0-\x7f]+/g, encodeURIComponent);
  // The leading & keeps a ? at the start from being taken for the mark of a query.
  for (const [name, value] of new URLSearchParams(`&${ascii}`)) {
    const field = name.toLowerCase();
    if (isField(field)) fields[field] ??= value;
  }
  return JSON.stringify(fields);
}

function isObjectText(text: string): boolean {
  try {
    return isJsonObject(JSON.parse(text));
  } catch {
    return false;
  }
}

/** The members of the outermost object whose names are the record's, in the order of the text, so that the last wins. */
function topLevelMembers(text: string): Map<Field, string> {
  const members = new Map<Field, string>();
  let depth = 0;
  let name = '';
  let source = '';
  const endOfMember = () => {
    if (isField(name)) members.set(name, FIELD_TYPES[name] === 'string' ? digitsAsString(source) : source);
    source = '';
  };
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '}' || token === ']') depth--;
    if (depth === 0 && token === '}') endOfMember();
    if (depth === 1) {
      if (token === ',') {
        endOfMember();
      } else if (token === ':') {
        name = (JSON.parse(source) as string).toLowerCase();
        source = '';
      } else {
        source += token;
      }
    }
    if (token === '{' || token === '[') depth++;
  }
  return members;
}

function isField(name: string): name is Field {
  return Object.hasOwn(FIELD_TYPES, name);
}

function digitsAsString(source: string): string {
  return /^[-\d]/.test(source) ? `"${source}"` : source;
}
