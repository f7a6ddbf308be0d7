import { FIELD_TYPES, type Field } from '../domain/connection.ts';

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g;

/**
 * Rewrites the text of a JSON object to the fields of the record alone, since Middy's parser cannot take all that
 * the contract allows: it stops at about 2,000 levels of nesting, where 64 KiB hold 32,000; of equal names in
 * different case it cannot tell which came last; and it rounds numbers before anyone sees their digits.
 *
 * @param text a JSON text.
 * @returns a JSON object: names in lower case, each once with its last value; a number for a string field as a
 *   string of its digits; nested values emptied, since no field of the record may hold one.
 * @throws {SyntaxError} when the text is not JSON as RFC 8259 has it, or no object.
 */
export function recordFieldsOf(text: string): string {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SyntaxError('not an object');
  const members = [...topLevelMembers(text)].map(([name, source]) => `"${name}":${source}`);
  return `{${members.join(',')}}`;
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
