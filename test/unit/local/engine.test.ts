import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { findEngine } from '../../../tools/local/engine.ts';

/** Makes the PATH a folder with these programs alone, each a line of shell. */
async function stubPath(programs: Record<string, string>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'path-'));
  for (const [name, line] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${line}\n`);
    await chmod(join(folder, name), 0o755);
  }
  vi.stubEnv('PATH', folder);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });
}

const javaThatIs = (version: string) => `echo 'openjdk version "${version}" 2024-01-01' >&2`;

test.each([
  ['java', 'both are there', { java: javaThatIs('17.0.15'), docker: '' }],
  ['docker', 'Java is missing', { docker: '' }],
  ['docker', 'Java is too old', { java: javaThatIs('11.0.2'), docker: '' }],
  ['docker', 'Java is as old as 8', { java: javaThatIs('1.8.0_402'), docker: '' }],
])('of Java and Docker %s is taken where %s', async (name, _where, programs) => {
  await stubPath(programs);
  expect(await findEngine(['java', 'docker'])).toMatchObject({ name });
});

test('where there is no engine, one sentence says how to get one', async () => {
  await stubPath({});
  await expect(findEngine(['java', 'docker'])).rejects.toThrow(
    /^There is nothing to run a table with\. Needed is Java 17 or later [^\n]*, or a running Docker\.$/,
  );
});
