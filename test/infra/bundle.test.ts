import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleFolder } from '../../infra/bundle.ts';
import { SynthError } from '../../infra/synth-error.ts';

test('a folder with the bundle in it is taken, one without is refused in a sentence', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  try {
    expect(() => bundleFolder(folder)).toThrow(
      new SynthError(`There is no bundle in ${folder}: \`npm run build\` makes it.`),
    );
    writeFileSync(join(folder, 'index.mjs'), '');
    expect(bundleFolder(folder)).toBe(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
