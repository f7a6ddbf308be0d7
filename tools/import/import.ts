import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type TimeZone, timeZone, UTC } from '../../lambda/domain/time-zone.ts';
import { escapeControlCharacters, UserError } from '../cli.ts';
import { type ImportedItem, itemOf } from './item.ts';
import { writeItem } from './write.ts';

const HELP = `Takes connections over from the old endpoint's store. docs/cutover.md says when.

  npm run import -- --table NAME FILE                    writes the connections in FILE to the table
  npm run import -- --table NAME --time-zone ZONE FILE   dates without an offset are of this zone (default UTC)
  npm run import -- --check FILE                         reads the file only
  npm run import -- --help                               prints this

FILE is UTF-8: a JSON array of objects, or an object a line, with the record's field names. Credentials and region are
those that the AWS SDK finds, and the endpoint that of AWS_ENDPOINT_URL_DYNAMODB if it is set.

A connection that is in the table already is left alone, unless it is logged in there and logged out in the file. So
the same file, or a newer one, may be imported as often as you like, while both endpoints are in use.

Exit code: 0 when every row was read, and written where it had to be; 1 when rows could not be read, which are named,
and the others were imported; 2 when it could not begin or had to stop.`;

/** How many writes are under way at once. */
const AT_ONCE = 20;

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  console.error(isExplained(error) ? error.message : error);
  process.exitCode = 2;
}

/** Whether the message says all: what the person, DynamoDB, the SDK's configuration or the network has wrong. */
function isExplained(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { name, message } = error;
  return (
    ['UserError', 'CredentialsProviderError'].includes(name) ||
    message === 'Region is missing' ||
    '$fault' in error ||
    'code' in error
  );
}

async function run(args: string[]): Promise<number> {
  const { file, table, zone, ...options } = parse(args);
  if (options.help || file === undefined) {
    console.log(HELP);
    return 0;
  }
  const { items, refused } = readItems(file, zone);
  for (const sentence of refused) console.error(escapeControlCharacters(sentence));
  const open = items.filter(({ date_logout }) => date_logout === undefined).length;
  console.log(
    `${items.length + refused.length} rows: ${open} logged in, ${items.length - open} logged out, ${refused.length} not readable.`,
  );
  if (table !== undefined) {
    const written = await writeAll(items, table);
    console.log(`${written} written to ${table}, ${items.length - written} left as the table has them.`);
  }
  return refused.length > 0 ? 1 : 0;
}

interface Arguments {
  readonly help: boolean;
  readonly file?: string;
  readonly table?: string;
  readonly zone: TimeZone;
}

function parse(args: string[]): Arguments {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { table: text, 'time-zone': text, check: flag, help: flag } as const;
  const { values, positionals } = parsed(() => parseArgs({ args, options, allowPositionals: true }));
  const { table, check, help = false, 'time-zone': zoneName = 'UTC' } = values;
  const [file] = positionals;
  if (help) return { help, zone: UTC };
  if (file === undefined || positionals.length > 1)
    throw new UserError(`Give one FILE, not ${positionals.length}.`);
  if ((table === undefined) === (check !== true)) throw new UserError('Give either --table NAME or --check.');
  const zone = parsed(() => timeZone(zoneName));
  return { help, file, zone, ...(table !== undefined && { table }) };
}

/** What is said of a wrong argument or zone is the sentence, with or without its end. */
function parsed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UserError(
      `${(error as Error).message.replace(/\.$/, '')}: \`npm run import -- --help\` tells more.`,
    );
  }
}

function readItems(file: string, zone: TimeZone): { items: ImportedItem[]; refused: string[] } {
  const items: ImportedItem[] = [];
  const refused: string[] = [];
  for (const [index, row] of rowsOf(file).entries()) {
    try {
      items.push(itemOf(typeof row === 'string' ? JSON.parse(row) : row, zone));
    } catch (error) {
      const reason = error instanceof RangeError ? error.message : 'it is no JSON';
      refused.push(`Row ${index + 1} is not imported: ${reason}.`);
    }
  }
  return { items, refused };
}

/** @returns the elements of an array, or the lines that are not blank. */
function rowsOf(file: string): unknown[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}.`);
  }
  if (!text.trimStart().startsWith('[')) return text.split('\n').filter((line) => line.trim() !== '');
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(`${file} begins as a JSON array and is none.`);
  }
}

async function writeAll(items: readonly ImportedItem[], table: string): Promise<number> {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const waiting = items.values();
  let written = 0;
  const work = async () => {
    for (const item of waiting) {
      if (await writeItem(documents, table, item)) written++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  documents.destroy();
  return written;
}
