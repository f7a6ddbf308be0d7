import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BUNDLE, findBundleFolder, SynthError } from '../../infra/bundle.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('a folder with the bundle in it is deployed', () => {
  writeFileSync(join(folder, BUNDLE), '');
  expect(findBundleFolder(folder)).toBe(folder);
});

test('a folder that is empty or not there is refused with a sentence that says what to run', () => {
  for (const empty of [folder, join(folder, 'missing')]) {
    expect(() => findBundleFolder(empty)).toThrow(
      new SynthError(`There is no bundle in ${empty}: \`npm run build\` makes it.`),
    );
  }
});
