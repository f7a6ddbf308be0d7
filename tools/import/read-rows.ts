import { constants, isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { FIELD_TYPES } from '../../lambda/domain/connection.ts';
import { escapeControlCharacters, UserError } from '../cli.ts';

/** SQL Server's tools print `FOR JSON` in rows of so many UTF-16 code units, whatever the JSON says. */
const PIECE_LENGTH = 2_033;

const EXPORT_HELP =
  'Export one object a line: docs/cutover.md has the command, under "The import", or give a JSON array';

/**
 * Reads the rows of an export: a JSON array of objects, or one object a line. An array may be in the pieces that SQL
 * Server's tools print, with the head and the count of rows that `sqlcmd` puts around it.
 *
 * @param file the path of the file, which must be UTF-8.
 * @returns each row as parsed, a number in a string field as the string of its digits; a line that is not JSON as the
 *   {@link SyntaxError} of it.
 * @throws {UserError} a sentence where the file cannot be read, is not UTF-8, or is neither.
 */
export function readRows(file: string): unknown[] {
  const text = withoutReport(decode(readBytes(file), file));
  if (text.startsWith('[')) return parseArray(text, file);
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const rows = lines.map(tryParse);
  if (rows.length > 0 && rows.every((row) => typeof row !== 'object' || row instanceof SyntaxError)) {
    // FOR JSON with WITHOUT_ARRAY_WRAPPER leaves the brackets away.
    return parseArray(text, file, (elements) => `[${elements}]`);
  }
  return rows;
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}.`);
  }
}

/** @throws {UserError} where the bytes are not UTF-8: it names the first that is not, and what they look like. */
function decode(bytes: Buffer, file: string): string {
  if (bytes.length > constants.MAX_STRING_LENGTH)
    throw new UserError(`${file} is longer than 512 MB: split it.`);
  const text = bytes.toString('utf8');
  const utf16 = bytes.includes(0) ? utf16Name(bytes) : undefined;
  if (utf16 === undefined && isUtf8(bytes)) return text.replace(/^\uFEFF/, '');
  // What is not UTF-8 became U+FFFD in the text, which has other bytes.
  const valid = Buffer.from(text);
  const offset = utf16 ? bytes.indexOf(0) : bytes.findIndex((byte, index) => byte !== valid[index]);
  const line = bytes.subarray(0, offset).toString('latin1').split('\n').length;
  const byte = `0x${(bytes[offset] ?? 0).toString(16).padStart(2, '0').toUpperCase()}`;
  const name = utf16 ?? eightBitName(bytes);
  throw new UserError(
    `${file} is not UTF-8: byte ${offset + 1}, in line ${line}, is ${byte}. It looks like ${name}${name === WINDOWS ? ' or Latin-1' : ''}. Nothing was written. ` +
      `Convert it, such as with \`iconv -f ${name} -t UTF-8\`, and look at a name with an accent before the import.`,
  );
}

function utf16Name(bytes: Buffer): string {
  return bytes[0] === 0 || (bytes[0] === 0xfe && bytes[1] === 0xff) ? 'UTF-16BE' : 'UTF-16LE';
}

/** The encoding of Windows for Western Europe: Latin-1, with more characters. */
const WINDOWS = 'WINDOWS-1252';

/** Letters with accents are above 0xC0 in Windows' code page for Western Europe, and below 0xA8 in those of its console. */
function eightBitName(bytes: Buffer): string {
  let [windows, console] = [0, 0];
  for (const byte of bytes) {
    if (byte >= 0xc0) windows++;
    else if (byte >= 0x80 && byte < 0xa8) console++;
  }
  return console > windows ? 'CP850' : WINDOWS;
}

/** Cuts off the head and the dashes that `sqlcmd` prints before a result, and the count of rows behind it. */
function withoutReport(text: string): string {
  return text
    .replace(/^\s+/, '')
    .replace(/^[^[{\r\n][^\r\n]*\r?\n-+[ \t]*\r?\n/, '')
    .replace(/\r?\n\r?\n\([^()\r\n]*\)\s*$/, '');
}

function parseArray(
  text: string,
  file: string,
  wrap: (elements: string) => string = (array) => array,
): unknown[] {
  const whole = tryParse(wrap(text));
  if (Array.isArray(whole)) return whole;
  const pieces = text.replace(/[\r\n]+$/, '').split(/\r?\n/);
  const at = pieces.slice(0, -1).findIndex((piece) => piece.length !== PIECE_LENGTH);
  if (pieces.length > 1 && at === -1) {
    const rows = tryParse(wrap(pieces.join('')));
    if (Array.isArray(rows)) return rows;
  } else if (pieces.length > 1 && pieces[0]?.length === PIECE_LENGTH) {
    throw new UserError(
      `${file} is in pieces of ${PIECE_LENGTH} characters, as SQL Server's tools print FOR JSON, but line ${at + 1} has ${pieces[at]?.length}: something was cut off or added. ${EXPORT_HELP}.`,
    );
  }
  const reason = escapeControlCharacters((whole as SyntaxError).message);
  throw new UserError(`${file} is neither a JSON array nor an object a line: ${reason}. ${EXPORT_HELP}.`);
}

/** @returns the value, a number in a string field as the digits that stand there; or why it is not JSON. */
function tryParse(text: string): unknown {
  try {
    return JSON.parse(text, digitsAsString as Parameters<typeof JSON.parse>[1]);
  } catch (error) {
    return error;
  }
}

function digitsAsString(name: string, value: unknown, context: { readonly source: string }): unknown {
  const type = (FIELD_TYPES as Record<string, string>)[name.toLowerCase()];
  return typeof value === 'number' && type === 'string' ? context.source : value;
}
