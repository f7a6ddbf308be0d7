import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const PROJECT = join(import.meta.dirname, '../..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Runs `npm run audit` with an npm that says what a test wants it to say, and exits with 1 as npm does. */
function auditWhere(npmSays: string): { status: number | null; stdout: string } {
  const script = `#!/bin/sh\n[ "$2" = --json ] && cat '${folder}/report' || echo 'the report for a person'\nexit 1\n`;
  writeFileSync(join(folder, 'report'), npmSays);
  writeFileSync(join(folder, 'npm'), script, { mode: 0o755 });
  const path = `${folder}${delimiter}${process.env.PATH}`;
  return spawnSync(process.execPath, ['infra/audit.ts'], {
    cwd: PROJECT,
    env: { ...process.env, PATH: path },
    encoding: 'utf8',
  });
}

const report = (total: number) =>
  JSON.stringify({ auditReportVersion: 2, metadata: { vulnerabilities: { total } } });

test('no vulnerability is no failure', () => {
  expect(auditWhere(report(0))).toMatchObject({ status: 0, stdout: expect.stringContaining('no package') });
});

test('a vulnerability is a failure, and npm’s own report is shown', () => {
  expect(auditWhere(report(1))).toMatchObject({ status: 1, stdout: 'the report for a person\n\n' });
});

test.each([
  [
    'answers otherwise',
    JSON.stringify({ statusCode: 405, message: 'Method Not Allowed', error: { summary: '' } }),
  ],
  ['cannot be reached', JSON.stringify({ error: { code: 'ENOTFOUND', summary: 'request failed' } })],
  ['says nothing', ''],
  ['is a page', '<html>'],
])('a service that %s is no failure, and it is said', (_, says) => {
  expect(auditWhere(says)).toMatchObject({ status: 0, stdout: expect.stringContaining('nothing is known') });
});
