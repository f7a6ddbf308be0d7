import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  type BuildOptions,
  build as bundle,
  context,
  type Metafile,
  type OutputFile,
  type Plugin,
  stop,
} from 'esbuild';
import { BUNDLE, FUNCTION_FOLDER, WATCH_FOLDER } from '../../infra/bundle.ts';
import { runCommand, UserError } from '../cli.ts';

const PROJECT = resolve(import.meta.dirname, '../..');

/** Puts the compiled schema in the place of the module that compiles it. */
const compiledValidator: Plugin = {
  name: 'compiled-validator',
  setup({ onLoad }) {
    onLoad({ filter: /lambda[\\/]http[\\/]validator\.ts$/ }, async ({ path }) => ({
      contents: `import { formats } from './schema.ts';\n${await compileValidator()}`,
      loader: 'js',
      resolveDir: dirname(path),
      watchFiles: [path],
    }));
  },
};

function compileValidator(): Promise<string> {
  const worker = new Worker(new URL('compile-validator.ts', import.meta.url));
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
}

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
  metafile: true,
  platform: 'node',
  target: 'node24',
  // An ES module may await its warm-up, and Lambda waits for it: that is its start, not its first request.
  format: 'esm',
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'external',
  // Beside the bundle, which does not name it.
  sourcemap: 'external',
  sourcesContent: false,
  logLevel: 'warning',
} as const satisfies BuildOptions;

const FUNCTION = {
  ...COMMON,
  entryPoints: ['lambda/handler.ts'],
  outfile: BUNDLE,
  plugins: [compiledValidator, builtinModules],
  alias: {
    '@aws-sdk/credential-provider-node': SDK_STUBS,
    '@aws-sdk/endpoint-cache': SDK_STUBS,
    '@smithy/core/event-streams': SDK_STUBS,
  },
} satisfies BuildOptions;

/** A bundle: its size, its source map, and esbuild's report of what is in it. */
export interface Built {
  readonly bytes: number;
  readonly sourceMap: string;
  readonly metafile: Metafile;
}

/** What esbuild makes of the options above. */
interface Result {
  readonly outputFiles: OutputFile[];
  readonly metafile: Metafile;
}

/**
 * Bundles the function with all that it needs, the SDK too. The same sources give the same bytes.
 *
 * @param folder where the bundle is written; everything else in it is deleted. Default: the folder that is deployed.
 *   The source map and the legal comments of the packages go beside the folder.
 * @param minify false to keep names and the paths of the sources, for a test to name them. Default: true.
 * @throws {UserError} if a source cannot be built; esbuild has then printed why.
 */
export async function build(folder: string = FUNCTION_FOLDER, minify = true): Promise<Built> {
  return write(await bundle({ ...FUNCTION, minify }).catch(refuse), folder);
}

/**
 * Bundles the function into the folder that is deployed, and again whenever one of its files changes.
 *
 * @param onBuild called after each build, and with the first before this resolves. A later build that fails is printed
 *   by esbuild, and changes nothing.
 * @throws {UserError} if the first build fails.
 */
export async function buildOnChange(onBuild: (built: Built) => void): Promise<void> {
  const first = Promise.withResolvers<void>();
  const reporter: Plugin = {
    name: 'reporter',
    setup({ onEnd }) {
      onEnd(async ({ errors, outputFiles = [], metafile }) => {
        if (errors.length > 0 || metafile === undefined) return first.reject(notBuilt(errors.length));
        onBuild(await write({ outputFiles, metafile }, FUNCTION_FOLDER));
        first.resolve();
      });
    },
  };
  const watching = await context({ ...FUNCTION, plugins: [...FUNCTION.plugins, reporter] });
  // A build that waits for its plugins would keep esbuild's own process, seen on a busy machine after `kill -9` of npm.
  process.once('exit', () => void stop());
  await watching.watch();
  try {
    await first.promise;
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Bundles the probe and the hook before traffic, which are deployed beside the function.
 *
 * @param folder where `probe.mjs` and `hook.mjs` are written; everything else in it is deleted. Default: the folder
 *   that is deployed.
 * @throws {UserError} if a source cannot be built; esbuild has then printed why.
 */
export async function buildWatch(folder: string = WATCH_FOLDER): Promise<void> {
  const result = await bundle({
    ...COMMON,
    entryPoints: ['probe', 'hook'].map((name) => `lambda/watch/${name}.ts`),
    outdir: '.',
    outExtension: { '.js': '.mjs' },
    plugins: [builtinModules],
    alias: { '@aws-sdk/credential-provider-node': SDK_STUBS },
  }).catch(refuse);
  await write(result, folder);
}

function refuse(error: unknown): never {
  throw error instanceof Error && 'errors' in error && Array.isArray(error.errors)
    ? notBuilt(error.errors.length)
    : error;
}

function notBuilt(errors: number): UserError {
  return new UserError(
    `The function is not built: ${errors === 1 ? 'an error' : `${errors} errors`} in its sources.`,
  );
}

async function write({ outputFiles, metafile }: Result, folder: string): Promise<Built> {
  await mkdir(folder, { recursive: true });
  await mkdir(`${folder}.maps`, { recursive: true });
  const deployed: string[] = [];
  let bytes = 0;
  let sourceMap = '';
  for (const { path, contents } of outputFiles.filter(({ path }) => path.endsWith('.mjs'))) {
    const name = basename(path);
    bytes += contents.length;
    deployed.push(name);
    // Renamed into its place when it is finished, since servers and tests read it meanwhile.
    const unfinished = `${folder}.${name}.${process.pid}`;
    await writeFile(unfinished, contents);
    await rename(unfinished, join(folder, name));
    sourceMap = outputFiles.find((file) => file.path === `${path}.map`)?.text ?? '';
    await writeFile(sourceMapOf(contents, folder), sourceMap);
  }
  for (const { path, contents } of outputFiles.filter(({ path }) => path.endsWith('.LEGAL.txt'))) {
    await writeFile(`${folder}.${basename(path)}`, contents);
  }
  // What an older build left in the folder would be deployed too.
  const others = (await readdir(folder)).filter((name) => !deployed.includes(name));
  await Promise.all(others.map((name) => rm(join(folder, name), { recursive: true })));
  return { bytes, sourceMap, metafile };
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

if (import.meta.main) {
  await runCommand({
    name: 'npm run build',
    help: `Bundles the function into dist/lambda, and its probe and hook into dist/watch:
folders that are deployed as they are.

  npm run build              prints nothing unless something is wrong
  npm run build -- --help    prints this`,
    async run() {
      await Promise.all([build(), buildWatch()]);
      return undefined;
    },
  });
}
