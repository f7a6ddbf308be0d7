import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build as bundle, type Plugin } from 'esbuild';
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
  await rm(FUNCTION_FOLDER, { recursive: true, force: true });
  const { metafile } = await bundle({
    absWorkingDir: PROJECT,
    entryPoints: ['lambda/handler.ts'],
    outfile: 'dist/lambda/index.cjs',
    bundle: true,
    platform: 'node',
    target: 'node24',
    // In an ES module the import of node:http, which Middy does, loads all of undici: 50 ms at each start.
    format: 'cjs',
    mainFields: ['module', 'main'],
    minify: true,
    metafile: true,
    plugins: [compiledValidator],
    alias: { '@aws-sdk/credential-provider-node': './lambda/storage/no-credential-chain.ts' },
    logLevel: 'warning',
  });
  const [output] = Object.values(metafile.outputs);
  return { bytes: output?.bytes ?? 0 };
}

if (import.meta.main) {
  const { bytes } = await build();
  console.log(`dist/lambda/index.cjs: ${bytes.toLocaleString('en')} bytes.`);
}
