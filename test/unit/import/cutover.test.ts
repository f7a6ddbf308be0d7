import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const CUTOVER = readFileSync(new URL('../../../docs/cutover.md', import.meta.url), 'utf8');

test('the log search of docs/cutover.md counts every call that this service answers with 404', () => {
  const [, command] = /```sh\n( *cat u_ex[^`]*)```/.exec(CUTOVER) ?? [];
  if (command === undefined) throw new Error('docs/cutover.md has no log search.');
  const folder = mkdtempSync(join(tmpdir(), 'cutover-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['u_ex1.log', 'u_ex2.log']) {
    copyFileSync(new URL('iis.log', import.meta.url), join(folder, name));
  }
  const output = execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
  expect(output.trim().split('\n').sort()).toEqual([
    '2 OPTIONS /api/tt_cmd_connection/logout',
    '2 PATCH /api/tt_cmd_connection/logout',
    '2 PUT //api/tt_cmd_connection/logout',
    '2 PUT /API/tt_cmd_connection/Logout',
    '2 PUT /api//tt_cmd_connection/logout',
    '2 PUT /api/tt_cmd_connection/logout/',
    '2 PUT /pos/api/tt_cmd_connection/logout',
  ]);
});
