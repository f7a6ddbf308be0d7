import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { startEngine } from '../../tools/local/engine.ts';
import { createTable } from '../support/table.ts';

test.each(inject('engines'))('$title leaves nothing in the temporary folder', async (engine) => {
  const folder = await mkdtemp(join(tmpdir(), 'engine-ñ-'));
  vi.stubEnv('TMPDIR', folder);
  vi.stubEnv('LC_ALL', 'C');
  // Java knows no TMPDIR.
  vi.stubEnv('JDK_JAVA_OPTIONS', `-Djava.io.tmpdir=${folder}`);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });
  const { endpoint, close } = await startEngine(engine);
  (await createTable(endpoint)).close();
  await close();
  expect(await readdir(folder)).toEqual([]);
});
