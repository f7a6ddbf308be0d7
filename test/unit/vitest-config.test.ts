import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const PROJECT = join(import.meta.dirname, '../..');

test('tests run in a folder with %, #, ? and spaces in its name', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'odd-folder-'));
  onTestFinished(() => rm(parent, { recursive: true }));
  const folder = join(parent, '100% a%20b #1 ñ?');
  await mkdir(join(folder, 'test/unit'), { recursive: true });
  await mkdir(join(folder, 'test/support'));
  for (const file of ['package.json', 'vitest.config.ts', 'tools/plain-path.ts']) {
    await cp(join(PROJECT, file), join(folder, file));
  }
  await symlink(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'test/support/engines.ts'), 'export default () => {};');
  await writeFile(join(folder, 'test/unit/one.ts'), 'export const one: number = 1;');
  await writeFile(
    join(folder, 'test/unit/one.test.ts'),
    `import { expect, test } from 'vitest';
     import { one } from './one.ts';
     test('one', () => expect(one).toBe(1));`,
  );
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--project', 'unit'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
  expect(stdout).toMatch(/Tests .*1 passed/);
});
