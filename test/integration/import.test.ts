import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { LocalTable } from '../../tools/local/table.ts';
import { openConnection } from '../../tools/soak/connections.ts';
import { createTable } from '../support/table.ts';

let table: LocalTable;
let item: ReturnType<typeof openConnection>;
beforeAll(async () => {
  table = await createTable();
});
afterAll(() => table.delete());
beforeEach(() => {
  item = openConnection();
});

/** Runs `npm run import` as a person does, but for npm; the rows are the file, one a line. */
async function run(rows: readonly (object | string)[] | string, args = ['--table', table.tableName]) {
  const folder = await mkdtemp(join(tmpdir(), 'import-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'rows.json');
  const lines =
    typeof rows === 'string'
      ? rows
      : rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');
  await writeFile(file, lines);
  const env = {
    PATH: process.env.PATH,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
  };
  return new Promise<{ code: unknown; output: string; errors: string }>((resolve) => {
    execFile(process.execPath, ['tools/import/import.ts', ...args, file], { env }, (error, output, errors) =>
      resolve({ code: error?.code ?? 0, output, errors }),
    );
  });
}

const LOGOUT = '2026-05-09T17:00:00.1234567+02:00';

describe('a connection of the old store', () => {
  test('is written as the login service writes it, whatever form the old store has', async () => {
    const { id, id_user } = item;
    const row = {
      ID: `{${id.toUpperCase()}}`,
      ID_USER: id_user.replaceAll('-', ''),
      Terminal_Id: 'T-1',
      locator: ' ',
      message: null,
      success: 1,
      date_login: '2026-05-09 09:00:00.500',
      date_logout: '0001-01-01T00:00:00',
      id_pos_sesion: '00000000-0000-0000-0000-000000000000',
      row_version: 7,
    };
    const { code, output, errors } = await run(JSON.stringify([row]), [
      '--table',
      table.tableName,
      '--time-zone',
      'Europe/Madrid',
    ]);
    expect([code, errors]).toEqual([0, '']);
    expect(output).toBe(
      `1 rows: 1 logged in, 0 logged out, 0 not readable.\n1 written to ${table.tableName}, 0 left as the table has them.\n`,
    );
    expect(await table.get(id)).toEqual({
      id,
      id_user,
      terminal_id: 'T-1',
      success: true,
      date_login: '2026-05-09T09:00:00.5+02:00',
    });
  });

  test('is left alone where the table has it: a logout of the meantime is not undone', async () => {
    await table.put({ ...item, date_logout: LOGOUT, success: true });
    const { code, output } = await run([item, { ...item, date_logout: '2026-05-09T18:00:00+02:00' }]);
    expect(code).toBe(0);
    expect(output).toContain('0 written');
    expect(await table.get(item.id)).toEqual({ ...item, date_logout: LOGOUT, success: true });
  });

  test.each([[{}], [{ date_logout: null }]])(
    'is logged out where the table has it logged in, with attributes of others kept: %o',
    async (open) => {
      await table.put({ ...item, ...open, shift: 'late' });
      const { output } = await run([{ ...item, success: true, date_logout: LOGOUT }]);
      expect(output).toContain('1 written');
      expect(await table.get(item.id)).toEqual({
        ...item,
        shift: 'late',
        success: true,
        date_logout: LOGOUT,
      });
    },
  );

  test('comes over logged out, if it is not there', async () => {
    await run([{ ...item, date_logout: LOGOUT }]);
    expect(await table.get(item.id)).toEqual({ ...item, date_logout: LOGOUT });
  });

  test('may be its id alone', async () => {
    expect((await run([{ id: item.id }])).code).toBe(0);
    expect(await table.get(item.id)).toEqual({ id: item.id });
  });
});

describe('what is wrong is named', () => {
  test('rows that cannot be read, with exit code 1; the others are imported', async () => {
    const wrong = [
      { id: 'x' },
      {},
      '{',
      '7',
      { ...item, terminal_id: 7 },
      { ...item, date_login: '05/09/2026' },
    ];
    const { code, output, errors } = await run([...wrong, { ...item, success: 'yes' }, item]);
    expect(code).toBe(1);
    expect(errors).toBe(
      [
        'Row 1 is not imported: id is no GUID.',
        'Row 2 is not imported: it has no id.',
        'Row 3 is not imported: it is no JSON.',
        'Row 4 is not imported: it is no object.',
        'Row 5 is not imported: terminal_id is no string.',
        'Row 6 is not imported: date_login is no date.',
        'Row 7 is not imported: success is neither true nor false.',
        '',
      ].join('\n'),
    );
    expect(output).toContain('8 rows: 1 logged in, 0 logged out, 7 not readable.\n1 written');
  });

  test.each([
    [['--table', 'no_such_table'], /^Cannot do operations on a non-existent table\n$/],
    [[], /^Give either --table NAME or --check\.\n$/],
    [['--check', '--table', 'x'], /^Give either --table NAME or --check\.\n$/],
    [
      ['--check', '--time-zone', 'Middle/Earth'],
      /^"Middle\/Earth" is no IANA time zone\. One is Europe\/Madrid: `npm run import/,
    ],
    [['--check', 'another'], /^Give one FILE, not 2\.\n$/],
    [['--bad'], /^Unknown option '--bad'/],
  ])('arguments, with exit code 2: %o', async (args, sentence) => {
    const { code, errors } = await run([item], args);
    expect(code).toBe(2);
    expect(errors).toMatch(sentence);
  });

  test('--check writes nothing', async () => {
    const { code, output } = await run([item], ['--check']);
    expect([code, output]).toEqual([0, '1 rows: 1 logged in, 0 logged out, 0 not readable.\n']);
    expect(await table.get(item.id)).toBeUndefined();
  });
});
