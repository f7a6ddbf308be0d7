import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readCommit } from '../../infra/commit.ts';
import { isInstalled } from '../support/programs.ts';

let folder = '';
let checkout = '';

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], {
    cwd: checkout,
    encoding: 'utf8',
  });
const commitFile = (path: string) => {
  appendFileSync(join(checkout, path), 'line\n');
  git('add', '.');
  git('commit', '--quiet', '--message', path);
};

describe.skipIf(!isInstalled('git'))('the commit of a checkout', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'commit-'));
    checkout = join(folder, 'checkout');
    for (const name of ['lambda', 'docs', 'tools/build'])
      mkdirSync(join(checkout, name), { recursive: true });
    git('init', '--quiet');
    for (const path of ['README.md', 'lambda/handler.ts', 'docs/runbook.md']) commitFile(path);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each(['lambda/handler.ts', 'tools/build/build.ts', 'package.json', 'package-lock.json'])(
    'is the last that changed a source of the bundle, such as %s',
    (path) => {
      commitFile(path);
      const commit = git('log', '-1', '--format=%h', '--abbrev=12').trim();
      commitFile('docs/runbook.md');
      expect(readCommit(checkout)).toBe(commit);
    },
  );

  test('is not known in a shallow clone, whose oldest commit seems to change every file', () => {
    const clone = join(folder, 'clone');
    git('clone', '--quiet', '--depth', '1', `file://${checkout}`, clone);
    expect(readCommit(clone)).toBe('');
  });

  test.each(['lambda/handler.ts', 'lambda/new.ts'])('is not known where %s has changed', (path) => {
    writeFileSync(join(checkout, path), 'changed\n');
    expect(readCommit(checkout)).toBe('');
    git('stash', '--quiet', '--include-untracked');
  });

  test('is known where something else than a source has changed', () => {
    writeFileSync(join(checkout, 'docs/notes.md'), 'changed\n');
    expect(readCommit(checkout)).toMatch(/^[0-9a-f]{12}$/);
    rmSync(join(checkout, 'docs/notes.md'));
  });

  test("is not known in another user's checkout, which git refuses to read", () => {
    vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', '1');
    expect(readCommit(checkout)).toBe('');
    vi.unstubAllEnvs();
  });

  test('is not known outside of a checkout, and without git', () => {
    expect(readCommit(folder)).toBe('');
    vi.stubEnv('PATH', folder);
    expect(readCommit(checkout)).toBe('');
    vi.unstubAllEnvs();
  });
});
