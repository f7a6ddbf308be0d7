import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * Runs a script of bash in a folder of its own, as GitHub runs a step.
 *
 * @param files by name. A file without an ending is a program, a script of bash, which is found before others.
 * @param variables the environment. Without a PATH there are no programs but those.
 * @returns what it printed, its exit code, and the lines that it wrote to the file `calls`.
 */
export function runScript(
  script: string,
  files: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'script-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      const isProgram = !/\.\w+$/.test(name);
      writeFileSync(join(folder, name), isProgram ? `#!/bin/bash\n${text}\n` : text, { mode: 0o755 });
    }
    const env = { ...variables, PATH: [folder, variables.PATH ?? []].flat().join(delimiter) };
    const args = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script];
    const { stdout, stderr, status } = spawnSync('/bin/bash', args, { cwd: folder, env, encoding: 'utf8' });
    const calls = join(folder, 'calls');
    const lines = existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [];
    return { stdout, stderr, status, calls: lines };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
