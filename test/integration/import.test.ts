import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { importCommand } from '../../tools/import/import.ts';
import { fail, faultyDynamoDb, pass } from '../../tools/local/faulty-dynamodb.ts';
import type { LocalTable } from '../../tools/local/table.ts';
import { openConnection } from '../../tools/soak/connections.ts';
import { runInProcess } from '../support/run-in-process.ts';
import { createTable } from '../support/table.ts';

let table: LocalTable;
let item: ReturnType<typeof openConnection>;
beforeAll(async () => {
  table = await createTable();
});
afterAll(() => table.close());
beforeEach(() => {
  item = openConnection();
});

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' };
const AWS = { AWS_REGION: 'eu-west-1', ...CREDENTIALS };

/** @returns a file that holds one row a line, and ends with the test. */
async function write(rows: readonly object[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'import-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'rows.json');
  await writeFile(file, rows.map((row) => JSON.stringify(row)).join('\n'));
  return file;
}

/** Imports rows into the table, or as the arguments say. */
async function run(
  rows: readonly object[],
  args: readonly string[] = [],
  environment: Record<string, string> = { ...AWS, AWS_ENDPOINT_URL_DYNAMODB: table.endpoint },
) {
  const hasTarget = args.some((arg) => arg.startsWith('--check') || arg === '--table');
  const target = hasTarget ? [] : ['--table', table.tableName];
  return runInProcess(importCommand, [...target, ...args, await write(rows)], environment);
}

const LOGOUT = '2026-05-09T17:00:00.1234567+02:00';

/** What the table may hold of a connection that is logged in. */
const LOGGED_IN = [
  {},
  { date_logout: null },
  { date_logout: '' },
  { date_logout: '0001-01-01T00:00:00.000Z' },
  { date_logout: '0001-01-01T00:00:00' },
];

describe('import', () => {
  test('leaves a connection alone that the table has: a logout of the meantime is not undone', async () => {
    await table.put({ ...item, date_logout: LOGOUT, success: true });
    const other = openConnection();
    await table.put({ ...other, locator: 'of the login service' });
    const { exitCode, output } = await run([{ ...item, date_logout: '2026-05-09T18:00:00+02:00' }, other]);
    expect([exitCode, output]).toEqual([0, expect.stringContaining('0 written')]);
    expect(await table.get(item.id)).toEqual({ ...item, date_logout: LOGOUT, success: true });
    expect(await table.get(other.id)).toEqual({ ...other, locator: 'of the login service' });
  });

  test('logs out what the table has logged in, in each way to store that, and keeps other attributes', async () => {
    const stored = LOGGED_IN.map((open) => ({ ...openConnection(), ...open, shift: 'late' }));
    for (const each of stored) await table.put(each);
    const rows = stored.map(({ shift: _, ...each }) => ({ ...each, success: true, date_logout: LOGOUT }));
    const { output } = await run(rows);
    expect(output).toContain('5 rows: 0 logged in, 5 logged out, 0 not readable.\n5 written');
    for (const row of rows) expect(await table.get(row.id)).toEqual({ ...row, shift: 'late' });
  });

  test('writes what is not in the table, be it an id alone', async () => {
    const id = randomUUID();
    expect((await run([{ ...item, date_logout: LOGOUT }, { id }])).exitCode).toBe(0);
    expect(await table.get(item.id)).toEqual({ ...item, date_logout: LOGOUT });
    expect(await table.get(id)).toEqual({ id });
  });

  test('--check writes nothing', async () => {
    // As a process, to see that the command runs as one.
    const args = ['tools/import/import.ts', '--check', await write([item])];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout).toBe('1 row: 1 logged in, 0 logged out, 0 not readable.\n');
    expect(await table.get(item.id)).toBeUndefined();
  });
});

describe('import --replace', () => {
  test('writes a connection that is logged in again, without the fields that the row does not have', async () => {
    const stored = LOGGED_IN.map((open) => ({
      ...openConnection(),
      ...open,
      locator: 'Caf\ufffd',
      message: 'wrong',
      shift: 'late',
    }));
    for (const each of stored) await table.put(each);
    const rows = stored.map(({ id, id_user }) => ({ id, id_user, locator: 'Café' }));
    expect((await run(rows, ['--replace'])).output).toContain('5 written');
    for (const row of rows) expect(await table.get(row.id)).toEqual({ ...row, shift: 'late' });
  });

  test('never touches a connection that is logged out, whatever its date is', async () => {
    const stored = [LOGOUT, 'a text', '0002-01-01T00:00:00Z'].map((date_logout) => ({
      ...openConnection(),
      date_logout,
      success: true,
    }));
    for (const each of stored) await table.put(each);
    const rows = stored.flatMap(({ id }, index) => (index === 0 ? { id } : { id, date_logout: LOGOUT }));
    expect((await run(rows, ['--replace'])).output).toContain('0 written');
    for (const each of stored) expect(await table.get(each.id)).toEqual(each);
  });
});

test('import --check-table counts what the login service writes in another form', async () => {
  const other = await createTable();
  onTestFinished(() => other.close());
  await other.put({ ...item, date_logout: null, success: null });
  await other.put({ ...item, id: item.id.toUpperCase(), date_logout: '', success: 'true' });
  await other.put({
    ...openConnection(),
    date_logout: '0001-01-01T00:00:00',
    id_user: '{x}',
    terminal_id: 7,
  });
  await other.put({ ...openConnection(), date_logout: '24/11/2026', date_login: 'today', locator: ['x'] });
  const { exitCode, output } = await run([], ['--check-table', other.tableName]);
  expect(exitCode).toBe(1);
  const lines = output.split('\n').filter((line) => !line.startsWith('  '));
  expect(lines.sort()).toEqual([
    '',
    '1 items: date_login is not a date.',
    '1 items: date_logout is not a date. Each logout is answered 409.',
    '1 items: id is not a GUID in lower-case 8-4-4-4-12: no request matches it.',
    '1 items: id_user is not a GUID in lower-case 8-4-4-4-12: no request matches it.',
    '1 items: locator has the type L, not S.',
    '1 items: success has the type S, not BOOL.',
    '1 items: terminal_id has the type N, not S.',
    '2 items: date_logout is a default. It counts as logged in.',
    '4 items read.',
  ]);
  expect(output).toContain(`  ${item.id.toUpperCase()}\n`);
});

describe('import names what it does not write', () => {
  test('with exit code 1: rows that cannot be read, rows with one id, a row that the table refuses', async () => {
    const twice = openConnection();
    const { exitCode, output, errors } = await run([
      { id: 'x' },
      twice,
      { ...item, shift: 'late' },
      { ...twice, id: twice.id.toUpperCase() },
      { ...openConnection(), locator: 'x'.repeat(410_000) },
    ]);
    expect(exitCode).toBe(1);
    expect(errors.split('\n')).toEqual([
      'Row 1 is not imported: id is not a GUID.',
      `Rows 2, 4 are not imported: they have one id, ${twice.id}.`,
      expect.stringMatching(/^Row 5 is not imported: the table refuses it: .*size.*\.$/),
      '',
    ]);
    expect(output).toContain('5 rows: 2 logged in, 0 logged out, 3 not readable.\n1 written');
    expect(await table.get(item.id)).toEqual(item);
    expect(await table.get(twice.id)).toBeUndefined();
  });

  test('with exit code 2 and what was written, where the table fails in the middle', async () => {
    const proxy = await faultyDynamoDb(table.endpoint);
    onTestFinished(() => proxy.close());
    proxy.script(pass, pass, fail(400, 'AccessDeniedException'));
    const rows = Array.from({ length: 40 }, () => openConnection());
    const { exitCode, errors } = await run(rows, [], { ...AWS, AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint });
    expect(exitCode).toBe(2);
    const [, written, left] =
      /^Stopped at row \d+\. The credentials give no permission to write to the table \S+: scripted\. (\d+) written to \S+, 0 left as the table has them, (\d+) not tried or unknown\. Run the same command again/.exec(
        errors,
      ) ?? [];
    const stored = (await Promise.all(rows.map(({ id }) => table.get(id)))).filter(Boolean);
    expect(Number(written)).toBe(stored.length);
    expect(Number(left)).toBe(rows.length - stored.length);
  });

  test.each<[string, () => Record<string, string>, string[], RegExp]>([
    [
      'no table',
      () => ({ ...AWS, AWS_ENDPOINT_URL_DYNAMODB: table.endpoint }),
      ['--table', 'no_such_table'],
      /What is needed to write to the table no_such_table does not exist in this account and region: /,
    ],
    ['no region', () => CREDENTIALS, [], /There is no region to write to the table \S+ in: set AWS_REGION/],
    [
      'no credentials',
      () => ({ AWS_REGION: 'eu-west-1' }),
      [],
      /There are no AWS credentials to write to the table /,
    ],
    [
      'no endpoint',
      () => ({ ...AWS, AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' }),
      [],
      /AWS cannot be reached to write to the table \S+: connect ECONNREFUSED/,
    ],
    [
      'both --table and --check',
      () => AWS,
      ['--check', '--table', 'x'],
      /^Give either --table NAME or --check\.\n$/,
    ],
    [
      'an unknown zone',
      () => AWS,
      ['--check', '--time-zone', 'Middle/Earth'],
      /^--time-zone: "Middle\/Earth" is /,
    ],
    [
      '--replace with --check',
      () => AWS,
      ['--check', '--replace'],
      /^--replace goes with --table NAME only\.\n$/,
    ],
  ])('with a sentence and exit code 2 for %s', async (_, environment, args, sentence) => {
    const { exitCode, errors } = await run([item], args, environment());
    expect(exitCode).toBe(2);
    expect(errors).toMatch(sentence);
  });
});
