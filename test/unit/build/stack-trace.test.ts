import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { mapStack } from '../../../tools/build/stack-trace.ts';

test('a stack of a minified bundle shows the lines of the source', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stack-trace-'));
  const source = join(folder, 'source.ts');
  writeFileSync(
    source,
    'function fails(): never {\n\n  throw new Error("x");\n}\nexport const run = () => fails();\n',
  );
  const { outputFiles } = await build({
    entryPoints: [source],
    outfile: join(folder, 'index.mjs'),
    bundle: true,
    format: 'esm',
    minify: true,
    sourcemap: 'external',
    write: false,
  });
  for (const { path, contents } of outputFiles) writeFileSync(path, contents);
  const map = JSON.parse(outputFiles.find(({ path }) => path.endsWith('.map'))?.text ?? '');
  const bundle = pathToFileURL(join(folder, 'index.mjs'));
  const script = `import { run } from '${bundle}'; try { run() } catch ({ stack }) { console.log(stack) }`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  rmSync(folder, { recursive: true });
  expect(stdout).toMatch(/index\.mjs:1:\d+/);
  expect(mapStack(stdout, map)).toMatch(/source\.ts:3:\d+[\s\S]*source\.ts:5:\d+/);
});
