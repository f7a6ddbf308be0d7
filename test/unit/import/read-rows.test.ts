import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readRows } from '../../../tools/import/read-rows.ts';

const fixture = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** With the line ends of Windows. */
const PIECES = readFileSync(fixture('for-json-2033.txt'), 'utf8');
const JOINED = PIECES.replaceAll('\r\n', '');

function read(content: string | Buffer) {
  const folder = mkdtempSync(join(tmpdir(), 'import-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'rows');
  writeFileSync(file, content);
  return readRows(file);
}

describe('readRows', () => {
  test('reads one object a line', () => {
    expect(read('{"id":"a"}\n\n{"id":"b"}\r\n')).toEqual([{ id: 'a' }, { id: 'b' }]);
  });

  test('reads a JSON array over several lines, with a byte order mark', () => {
    expect(read('\uFEFF[\n  {"id": "a"},\n  {"id": "b"}\n]\n')).toEqual([{ id: 'a' }, { id: 'b' }]);
  });

  test('reads objects over several lines, with commas between them', () => {
    expect(read('{\n"id":\n"a"\n},\n{\n"id": "b"}')).toEqual([{ id: 'a' }, { id: 'b' }]);
  });

  test('returns a line that is not JSON as an error, and reads the others', () => {
    expect(read('{"id":"a"}\n{"id":\n')).toEqual([{ id: 'a' }, expect.any(SyntaxError)]);
  });

  test('takes a number in a string field digit for digit, as a request does', () => {
    const [row] = read(
      '{"Terminal_Id":123456789012345678901234567890,"locator":1.50,"success":1,"other":1.50}',
    );
    expect(row).toEqual({
      Terminal_Id: '123456789012345678901234567890',
      locator: '1.50',
      success: 1,
      other: 1.5,
    });
  });

  test('reads an empty file as no rows', () => {
    expect(read('')).toEqual([]);
  });
});

describe('readRows joins the pieces in which SQL Server’s tools print FOR JSON', () => {
  const rows = JSON.parse(JOINED);

  test.each([
    ['as they are', PIECES],
    ['with the line ends of Unix', PIECES.replaceAll('\r\n', '\n')],
    [
      'with the head and the count of sqlcmd',
      `JSON_F52E2B61-18A1-11d1-B105-00805F49916B\n${'-'.repeat(36)}\n${PIECES}\n(4 rows affected)\n`,
    ],
    ['without the array’s brackets', repeatedPieces(JOINED.slice(1, -1))],
  ])('%s', (_, text) => {
    expect(read(text)).toEqual(rows);
  });

  test('but refuses pieces of which a space was cut off, with the way to export', () => {
    const [first = '', ...others] = PIECES.split('\r\n');
    const cut = [first, others[0]?.slice(0, -1), ...others.slice(1)].join('\n');
    expect(() => read(cut)).toThrow(/but line 2 has 2032: .*Export one object a line: docs\/cutover\.md/);
  });
});

function repeatedPieces(text: string): string {
  return (text.match(/.{1,2033}/gs) ?? []).join('\n');
}

const ROW = '{"id":"6f1c2a58-3b7d-4e0a-9c41-d2f8a5b6e713","locator":"Café"}';

/** The one letter that the row has beside ASCII, in another encoding. */
const encoded = (...bytes: number[]) =>
  Buffer.concat([Buffer.from('{"locator":"Caf'), Buffer.from(bytes), Buffer.from('"}')]);

test.each([
  [
    'Latin-1',
    readFileSync(fixture('latin1.jsonl')),
    'byte 63, in line 1, is 0xE9. It looks like WINDOWS-1252 or Latin-1.',
  ],
  ['Windows-1252', encoded(0xe9), 'byte 16, in line 1, is 0xE9. It looks like WINDOWS-1252 or Latin-1.'],
  ['the code page of a console', encoded(0x82), 'byte 16, in line 1, is 0x82. It looks like CP850.'],
  ['UTF-16 with a byte order mark', Buffer.from(`\uFEFF${ROW}`, 'utf16le'), 'It looks like UTF-16LE.'],
  ['UTF-16 without a byte order mark', Buffer.from(ROW, 'utf16le'), 'It looks like UTF-16LE.'],
  ['UTF-16BE', Buffer.from(`\uFEFF${ROW}`, 'utf16le').swap16(), 'It looks like UTF-16BE.'],
  ['UTF-8 that breaks off in a letter', encoded(0xc3), 'byte 16, in line 1, is 0xC3.'],
  ['half a surrogate pair', encoded(0xed, 0xa0, 0xbd), 'byte 16, in line 1, is 0xED.'],
])('readRows refuses %s and names the first byte', (_, content, sentence) => {
  expect(() => read(content)).toThrow(
    expect.objectContaining({ name: 'UserError', message: expect.stringContaining(sentence) }),
  );
});

test.each([
  ['an array that breaks off', '[{"id":"a"},'],
  ['text', 'id;locator\n1;x'],
])('readRows refuses %s with the way to export', (_, content) => {
  expect(() => read(content)).toThrow(/is neither a JSON array nor an object a line: .*docs\/cutover\.md/);
});

test('readRows names a file that cannot be read', () => {
  expect(() => readRows('/nonexistent/rows')).toThrow(/^\/nonexistent\/rows cannot be read: ENOENT/);
});
