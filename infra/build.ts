import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build as bundle, type OutputFile, type Plugin } from 'esbuild';
import { ajv, validate } from '../lambda/http/validator.ts';

const PROJECT = resolve(import.meta.dirname, '..');

/** The folder that is deployed as it is, and that the local run and the end-to-end tests execute. */
export const FUNCTION_FOLDER = join(PROJECT, 'dist/lambda');

/** Puts the compiled schema in the place of the module that compiles it. */
const compiledValidator: Plugin = {
  name: 'compiled-validator',
  setup({ onLoad }) {
    onLoad({ filter: /lambda[\\/]http[\\/]validator\.ts$/ }, ({ path }) => ({
      contents: `import { formats } from './schema.ts';\n${standaloneCode.default(ajv, validate)}`,
      loader: 'js',
      resolveDir: join(path, '..'),
    }));
  },
};

/**
 * Bundles the function and all that it needs, the SDK too, into {@link FUNCTION_FOLDER}. The same sources give the
 * same bytes.
 *
 * @returns the size of the bundle in bytes.
 */
export async function build(): Promise<{ bytes: number }> {
  const { outputFiles } = await bundle({
    absWorkingDir: PROJECT,
    entryPoints: ['lambda/handler.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    // In an ES module the import of node:http, which Middy does, loads all of undici: 50 ms at each start.
    format: 'cjs',
    mainFields: ['module', 'main'],
    minify: true,
    plugins: [compiledValidator],
    alias: { '@aws-sdk/credential-provider-node': './lambda/storage/no-credential-chain.ts' },
    logLevel: 'warning',
  });
  const [{ contents }] = outputFiles as [OutputFile];
  // Renamed into its place whole, since servers and tests that run meanwhile read it.
  const unfinished = join(PROJECT, `dist/index.${process.pid}.cjs`);
  await mkdir(FUNCTION_FOLDER, { recursive: true });
  await writeFile(unfinished, contents);
  await rename(unfinished, join(FUNCTION_FOLDER, 'index.cjs'));
  return { bytes: contents.length };
}

if (import.meta.main) {
  const { bytes } = await build();
  console.log(`dist/lambda/index.cjs: ${bytes.toLocaleString('en')} bytes.`);
}
