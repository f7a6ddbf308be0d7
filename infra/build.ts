import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build as bundle, type Metafile, type OutputFile, type Plugin } from 'esbuild';
import { ajv, validate } from '../lambda/http/validator.ts';
import { BUNDLE, FUNCTION_FOLDER } from './bundle.ts';
import { licensedPackages, licenseList } from './licenses.ts';

const PROJECT = resolve(import.meta.dirname, '..');

/** The list of what else is in the bundle, and on what terms: beside the folder, since nothing of it is run. */
export const LICENSES = join(PROJECT, 'dist/licenses.txt');

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
 * Takes the modules of Node.js at run time instead of importing them. An `import` of `node:http`, which Middy and the
 * SDK do, makes all of its exports, and so loads all of undici: 1.19 of the CPU of a start.
 */
const builtinModules: Plugin = {
  name: 'builtin-modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin' }));
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}');`,
    }));
  },
};

/** What stands for packages of the SDK that one `UpdateItem` never uses. A part that is used after all fails there. */
const UNUSED_PARTS = './lambda/storage/unused-parts.ts';

/**
 * Bundles the function and all that it needs, the SDK too, into {@link FUNCTION_FOLDER}, and lists what that is in
 * {@link LICENSES}. The same sources give the same bytes.
 *
 * @returns the size of the bundle in bytes, and esbuild's report of what is in it.
 */
export async function build(): Promise<{ bytes: number; metafile: Metafile }> {
  const { outputFiles, metafile } = await bundle({
    absWorkingDir: PROJECT,
    entryPoints: ['lambda/handler.ts'],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node24',
    // An ES module may await its rehearsal, and Lambda waits for it: that is its start, not its first request.
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    plugins: [compiledValidator, builtinModules],
    alias: {
      '@aws-sdk/credential-provider-node': UNUSED_PARTS,
      '@aws-sdk/endpoint-cache': UNUSED_PARTS,
      '@smithy/core/event-streams': UNUSED_PARTS,
    },
    logLevel: 'warning',
  });
  const [{ contents }] = outputFiles as [OutputFile];
  await mkdir(FUNCTION_FOLDER, { recursive: true });
  await put(join(FUNCTION_FOLDER, BUNDLE), contents);
  await keepOnly(FUNCTION_FOLDER, BUNDLE);
  await put(LICENSES, licenseList(licensedPackages(metafile, PROJECT)));
  return { bytes: contents.length, metafile };
}

/** Renames a file into its place whole, since servers and tests that run meanwhile read it. */
async function put(file: string, contents: Uint8Array | string): Promise<void> {
  const unfinished = join(PROJECT, `dist/unfinished.${process.pid}`);
  await writeFile(unfinished, contents);
  await rename(unfinished, file);
}

/** Whatever else lies in the folder, of an older build or by accident, would be deployed too. */
async function keepOnly(folder: string, kept: string): Promise<void> {
  const others = (await readdir(folder)).filter((name) => name !== kept);
  await Promise.all(others.map((name) => rm(join(folder, name), { recursive: true })));
}

if (import.meta.main) {
  const { bytes } = await build();
  console.log(`dist/lambda/${BUNDLE}: ${bytes.toLocaleString('en')} bytes.`);
}
