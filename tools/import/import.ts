import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type TimeZone, timeZone } from '../../lambda/domain/time-zone.ts';
import { explainAwsError, regionConfig } from '../aws.ts';
import { defineCommand, runCommand, UserError } from '../cli.ts';
import { checkTable } from './check-table.ts';
import { type ImportedItem, itemOf } from './item.ts';
import { readRows } from './read-rows.ts';
import { RefusedRows } from './refused-rows.ts';
import { writeItem } from './write.ts';

const HELP = `Takes connections over from the old endpoint's store. docs/cutover.md has the
procedure.

  npm run import -- --table NAME FILE    writes the connections in FILE
  npm run import -- --check FILE         only reads FILE
  npm run import -- --check-table NAME   looks for items that the login service
                                         writes in another form

  --table NAME       the table
  --time-zone ZONE   dates without an offset are of this zone, such as
                     Europe/Madrid (default UTC)
  --replace          writes connections that are logged in again, over what an
                     earlier import wrote. What the login service has written
                     for them since is replaced too. A connection that is
                     logged out in the table is never touched
  --check            reads the file, writes nothing
  --help             prints this

FILE is UTF-8: a JSON array of objects, or an object a line, with the record's
field names. Credentials and region are those that the AWS SDK finds, and the
endpoint is that of AWS_ENDPOINT_URL_DYNAMODB where it is set. The credentials
need dynamodb:UpdateItem on the table, and for --check-table dynamodb:Scan.

A connection that the table has already is left as it is, unless it is logged in
there and logged out in the file. So the same file, or a newer one, may be
imported as often as you like, while both endpoints are in use.

Exit code: 0 when each row was read, and written where it had to be; 1 when some
rows were not, which are named; 2 when it could not begin or had to stop.`;

const MAX_CONCURRENT_WRITES = 20;
/** Throttling passes: a table on demand needs minutes to grow to a load that it has not had before. */
const MAX_ATTEMPTS = 10;
const PROGRESS_MS = 5_000;

/** A row that can be written, and its number in the file, from 1. */
interface NumberedItem {
  readonly row: number;
  readonly item: ImportedItem;
}

/** `npm run import`. */
export const importCommand = defineCommand({
  name: 'npm run import',
  help: HELP,
  options: {
    table: { type: 'string' },
    'time-zone': { type: 'string' },
    replace: { type: 'boolean' },
    check: { type: 'boolean' },
    'check-table': { type: 'string' },
  },
  maxArguments: 1,
  errorCode: 2,
  async run(values, [file]) {
    const { table, check = false, replace = false, 'time-zone': zoneName = 'UTC' } = values;
    if (values['check-table'] !== undefined) return checkTable(values['check-table']);
    if (file === undefined) throw new UserError('FILE is missing: give the path of the export.');
    if ((table === undefined) !== check) throw new UserError('Give either --table NAME or --check.');
    if (check && replace) throw new UserError('--replace goes with --table NAME only.');
    const refused = new RefusedRows();
    const items = readItems(file, readZone(zoneName), refused);
    const loggedIn = items.filter(({ item }) => item.date_logout === undefined).length;
    console.log(
      `${count(items.length + refused.count, 'row')}: ${loggedIn} logged in, ${items.length - loggedIn} logged out, ${refused.count} not readable.`,
    );
    if (table !== undefined) await writeAll(items, { table, replace }, refused);
    refused.printRest();
    return refused.count > 0 ? 1 : 0;
  },
});

function readZone(name: string): TimeZone {
  try {
    return timeZone(name);
  } catch (error) {
    throw new UserError(`--time-zone: ${(error as Error).message}`);
  }
}

function readItems(file: string, zone: TimeZone, refused: RefusedRows): NumberedItem[] {
  const items: NumberedItem[] = [];
  for (const [index, row] of readRows(file).entries()) {
    try {
      items.push({ row: index + 1, item: itemOf(row, zone) });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      refused.add(`Row ${index + 1} is`, error.message);
    }
  }
  const byId = Map.groupBy(items, ({ item }) => item.id);
  for (const [id, same] of byId) {
    if (same.length > 1) {
      refused.add(
        `Rows ${same.map(({ row }) => row).join(', ')} are`,
        `they have one id, ${id}`,
        same.length,
      );
    }
  }
  return items.filter(({ item }) => byId.get(item.id)?.length === 1);
}

/** @throws {UserError} where it had to stop: it says what was written, and what a second run does. */
async function writeAll(
  items: readonly NumberedItem[],
  { table, replace }: { readonly table: string; readonly replace: boolean },
  refused: RefusedRows,
): Promise<void> {
  const client = new DynamoDBClient({ ...regionConfig(), maxAttempts: MAX_ATTEMPTS });
  const documents = DynamoDBDocumentClient.from(client);
  const waiting = items.values();
  const done = { written: 0, unchanged: 0, refused: 0 };
  const total = () => done.written + done.unchanged + done.refused;
  const progress = setInterval(() => console.error(`${total()} of ${items.length} rows.`), PROGRESS_MS);
  let failure: { readonly row: number; readonly error: unknown } | undefined;
  const work = async () => {
    for (const { row, item } of waiting) {
      if (failure !== undefined) return;
      try {
        if (await writeItem(documents, table, item, replace)) done.written++;
        else done.unchanged++;
      } catch (error) {
        if (!isAboutTheItem(error)) {
          failure ??= { row, error };
          return;
        }
        done.refused++;
        refused.add(`Row ${row} is`, `the table refuses it: ${error.message.replace(/\.$/, '')}`);
      }
    }
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT_WRITES }, work));
  clearInterval(progress);
  client.destroy();
  const counts = `${done.written} written to ${table}, ${done.unchanged} left as the table has them`;
  if (failure === undefined) {
    console.log(`${counts}.`);
    return;
  }
  const reason = explainAwsError(failure.error, `write to the table ${table}`);
  if (!(reason instanceof UserError)) throw reason;
  refused.printRest();
  throw new UserError(
    `Stopped at row ${failure.row}. ${reason.message} ${counts}, ${items.length - total()} not tried or unknown. ` +
      'Run the same command again: what is written stays as it is, and the other rows follow.',
  );
}

/** Whether the table refuses this row and not all of them: it is larger than 400 KB, for example. */
function isAboutTheItem(error: unknown): error is Error {
  return (
    error instanceof Error &&
    error.name === 'ValidationException' &&
    // Then the table has another key, or needs an attribute that no row has.
    !/key element|schema/i.test(error.message)
  );
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

if (import.meta.main) await runCommand(importCommand);
