import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { type BuildOptions, build as bundle, type Metafile, type Plugin } from 'esbuild';
import { BUNDLE, FUNCTION_FOLDER, WATCH_FOLDER } from '../../infra/bundle.ts';
import { ajv, validate } from '../../lambda/http/validator.ts';
import { runCommand } from '../cli.ts';

const PROJECT = resolve(import.meta.dirname, '../..');

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
    // Only the SDK's reader of configuration files asks for it, and the function reads none: 3.6 ms of CPU.
    onLoad({ filter: /^node:fs\/promises$/, namespace: 'builtin' }, ({ path }) => ({
      contents: `export const readFile = (...args) => process.getBuiltinModule('${path}').readFile(...args);`,
    }));
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}');`,
    }));
  },
};

/** Replaces packages of the SDK that one `UpdateItem` never uses. */
const SDK_STUBS = './tools/build/sdk-stubs.ts';

/** What the bundles have in common. */
const COMMON = {
  absWorkingDir: PROJECT,
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node24',
  // An ES module may await its warm-up, and Lambda waits for it: that is its start, not its first request.
  format: 'esm',
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'external',
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** A bundle: its size, and esbuild's report of what is in it. */
export interface Built {
  readonly bytes: number;
  readonly metafile: Metafile;
}

/**
 * Bundles the function with all that it needs, the SDK too. The same sources give the same bytes.
 *
 * @param folder where the bundle is written; everything else in it is deleted. Default: the folder that is deployed.
 *   The legal comments of the packages and the source map go into files beside it.
 * @param minify false to keep names and the paths of the sources, for a test to name them. Default: true.
 */
export async function build(folder: string = FUNCTION_FOLDER, minify = true): Promise<Built> {
  const { outputFiles, metafile } = await bundle({
    ...COMMON,
    minify,
    entryPoints: ['lambda/handler.ts'],
    outfile: BUNDLE,
    metafile: true,
    sourcemap: 'external',
    sourcesContent: false,
    plugins: [compiledValidator, builtinModules],
    alias: {
      '@aws-sdk/credential-provider-node': SDK_STUBS,
      '@aws-sdk/endpoint-cache': SDK_STUBS,
      '@smithy/core/event-streams': SDK_STUBS,
    },
  });
  const output = (end: string) =>
    outputFiles.find(({ path }) => path.endsWith(end))?.contents ?? new Uint8Array();
  const code = output(BUNDLE);
  await mkdir(folder, { recursive: true });
  await mkdir(`${folder}.maps`, { recursive: true });
  await writeWhole(join(folder, BUNDLE), code);
  await writeWhole(`${folder}.LEGAL.txt`, output('.LEGAL.txt'));
  await writeWhole(sourceMapOf(code, folder), output('.map'));
  await deleteOthers(folder, [BUNDLE]);
  return { bytes: code.length, metafile };
}

/**
 * Where the source map of a bundle is kept: beside the deployed folder, named after the hash of the bundle.
 *
 * @param code the bundle.
 * @param folder the folder that the bundle is in.
 */
export function sourceMapOf(code: Uint8Array, folder: string = FUNCTION_FOLDER): string {
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 16);
  return join(`${folder}.maps`, `${hash}.map`);
}

/**
 * Bundles the probe and the hook before traffic, which are deployed beside the function.
 *
 * @param folder where `probe.mjs` and `hook.mjs` are written; everything else in it is deleted. Default: the folder
 *   that is deployed.
 */
export async function buildWatch(folder: string = WATCH_FOLDER): Promise<void> {
  const names = ['probe', 'hook'];
  const { outputFiles } = await bundle({
    ...COMMON,
    entryPoints: names.map((name) => `lambda/watch/${name}.ts`),
    outdir: '.',
    outExtension: { '.js': '.mjs' },
    plugins: [builtinModules],
    alias: { '@aws-sdk/credential-provider-node': SDK_STUBS },
  });
  await mkdir(folder, { recursive: true });
  const bundles = outputFiles.filter(({ path }) => path.endsWith('.mjs'));
  await Promise.all(bundles.map(({ path, contents }) => writeWhole(join(folder, basename(path)), contents)));
  await deleteOthers(
    folder,
    bundles.map(({ path }) => basename(path)),
  );
}

/** Renames a finished file into its place, since servers and tests read it meanwhile. */
async function writeWhole(file: string, contents: Uint8Array): Promise<void> {
  const unfinished = join(file, `../../unfinished.${process.pid}.${basename(file)}`);
  await writeFile(unfinished, contents);
  await rename(unfinished, file);
}

/** Deletes what an older build left in the folder: it would be deployed too. */
async function deleteOthers(folder: string, kept: readonly string[]): Promise<void> {
  const others = (await readdir(folder)).filter((name) => !kept.includes(name));
  await Promise.all(others.map((name) => rm(join(folder, name), { recursive: true })));
}

if (import.meta.main) {
  await runCommand({
    name: 'npm run build',
    help: `Bundles the function into dist/lambda, and its probe and hook into dist/watch: folders that are deployed as they are.

  npm run build              prints nothing unless something is wrong
  npm run build -- --help    prints this`,
    async run() {
      await Promise.all([build(), buildWatch()]);
      return undefined;
    },
  });
}
