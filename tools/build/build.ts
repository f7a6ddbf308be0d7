import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as esbuild from 'esbuild';
import { BUNDLE, FUNCTION_FOLDER, WATCH_FOLDER } from '../../infra/bundle.ts';
import { runCommand, UserError } from '../cli.ts';

/** Puts the compiled schema in the place of the module that compiles it. */
const compiledValidator: esbuild.Plugin = {
  name: 'compiled-validator',
  setup({ onLoad }) {
    onLoad({ filter: /lambda[\\/]http[\\/]validator\.ts$/ }, async ({ path }) => {
      const [code] = await once(new Worker(new URL('compile-validator.ts', import.meta.url)), 'message');
      const contents = `import { formats } from './schema.ts';\n${code}`;
      return { contents, loader: 'js', resolveDir: dirname(path) };
    });
  },
};

/**
 * Takes the modules of Node.js at run time instead of importing them. An `import` of `node:http`, which Middy and the
 * SDK do, makes all of its exports, and so loads all of undici: 1.19 of the CPU of a start.
 */
const builtinModules: esbuild.Plugin = {
  name: 'builtin-modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin' }));
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}');`,
    }));
  },
};

/** Stands in for packages of the SDK that one `UpdateItem` never uses. */
const SDK_STUBS = './tools/build/sdk-stubs.ts';

/** What the bundles have in common. */
const COMMON = {
  absWorkingDir: resolve(import.meta.dirname, '../..'),
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
} as const satisfies esbuild.BuildOptions;

const FUNCTION = {
  ...COMMON,
  entryPoints: ['lambda/handler.ts'],
  outfile: BUNDLE,
  plugins: [compiledValidator, builtinModules],
  alias: {
    '@aws-sdk/credential-provider-node': SDK_STUBS,
    '@aws-sdk/endpoint-cache': SDK_STUBS,
    '@smithy/core/event-streams': SDK_STUBS,
    '@smithy/node-http-handler': SDK_STUBS,
  },
} satisfies esbuild.BuildOptions;

/** The source map of a bundle, and esbuild's report of what is in it. */
export interface Built {
  readonly sourceMap: string;
  readonly metafile: esbuild.Metafile;
}

/**
 * Bundles the function with all that it needs, the SDK too. The same sources give the same bytes.
 *
 * @param folder where the bundle is written; everything else in it is deleted. Default: the folder that is deployed.
 *   The source map and the legal comments of the packages go beside the folder.
 * @throws {UserError} if a source cannot be built, which esbuild has then printed, or if the folder cannot be written.
 */
export async function build(folder: string = FUNCTION_FOLDER): Promise<Built> {
  return write(await esbuild.build(FUNCTION).catch(throwNotBuilt), folder);
}

/**
 * Bundles the function into the folder that is deployed, and again whenever one of its files changes.
 *
 * @param onBuild called after each build, and with the first before this resolves, with when it began: a value of
 *   `performance.now()`. The next build waits for it.
 * @param onFailure called when a later build or its `onBuild` fails.
 * @throws {UserError} if the first build fails. The caller then ends the process, and esbuild with it.
 */
export async function buildOnChange(
  onBuild: (built: Built, startedAt: number) => void | Promise<void>,
  onFailure: (error: unknown) => void,
): Promise<void> {
  const first = Promise.withResolvers<void>();
  let fail = first.reject;
  let startedAt = 0;
  const reporter: esbuild.Plugin = {
    name: 'reporter',
    setup({ onStart, onEnd }) {
      onStart(() => {
        startedAt = performance.now();
      });
      onEnd(async ({ errors, outputFiles = [], metafile }) => {
        try {
          if (metafile === undefined) throwNotBuilt({ errors });
          await onBuild(await write({ outputFiles, metafile }, FUNCTION_FOLDER), startedAt);
          first.resolve();
        } catch (error) {
          fail(error);
        }
        fail = onFailure;
      });
    },
  };
  const watching = await esbuild.context({ ...FUNCTION, plugins: [...FUNCTION.plugins, reporter] });
  // A build that waits for its plugins would keep esbuild's own process, seen on a busy machine after `kill -9` of npm.
  process.once('exit', () => void esbuild.stop());
  await watching.watch();
  await first.promise;
}

/**
 * Bundles the probe and the hook before traffic, which are deployed beside the function.
 *
 * @param folder where `probe.mjs` and `hook.mjs` are written; everything else in it is deleted. Default: the folder
 *   that is deployed.
 * @throws {UserError} as {@link build} does.
 */
export async function buildProbeAndHook(folder: string = WATCH_FOLDER): Promise<void> {
  const result = await esbuild
    .build({
      ...COMMON,
      entryPoints: ['probe', 'hook'].map((name) => `lambda/watch/${name}.ts`),
      outdir: '.',
      outExtension: { '.js': '.mjs' },
      alias: { '@aws-sdk/credential-provider-node': SDK_STUBS },
    })
    .catch(throwNotBuilt);
  await write(result, folder);
}

function throwNotBuilt({ errors }: { errors: readonly unknown[] }): never {
  const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
  throw new UserError(`The function is not built: ${count} in its sources.`);
}

/** Writes what esbuild made, so that every user can read it: whatever the umask, Lambda runs as another one. */
async function write(
  { outputFiles, metafile }: { outputFiles: esbuild.OutputFile[]; metafile: esbuild.Metafile },
  folder: string,
): Promise<Built> {
  try {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o755);
    await mkdir(`${folder}.maps`, { recursive: true });
    const bundles = outputFiles.filter(({ path }) => path.endsWith('.mjs'));
    for (const { path, contents } of bundles) {
      await writeWhole(join(folder, basename(path)), contents, folder);
      const map = outputFiles.find((file) => file.path === `${path}.map`)?.contents ?? '';
      await writeWhole(locateSourceMap(contents, folder), map, folder);
    }
    for (const { path, contents } of outputFiles.filter(({ path }) => path.endsWith('.LEGAL.txt'))) {
      await writeWhole(`${folder}.${basename(path)}`, contents, folder);
    }
    // What an older build left in the folder would be deployed too.
    const deployed = bundles.map(({ path }) => basename(path));
    const others = (await readdir(folder)).filter((name) => !deployed.includes(name));
    await Promise.all(others.map((name) => rm(join(folder, name), { recursive: true })));
    return { sourceMap: outputFiles.find(({ path }) => path.endsWith('.map'))?.text ?? '', metafile };
  } catch (error) {
    throw new UserError(
      `The build cannot write to ${folder}: ${(error as Error).message}. Delete it, or let this user write there.`,
    );
  }
}

/** Renames a file into its place when it is finished, since servers and tests read it meanwhile. */
async function writeWhole(file: string, contents: Uint8Array | string, folder: string): Promise<void> {
  const unfinished = `${folder}.${basename(file)}.${process.pid}`;
  await writeFile(unfinished, contents);
  await chmod(unfinished, 0o644);
  await rename(unfinished, file);
}

/**
 * Finds the place of a bundle's source map: beside the deployed folder, named after the hash of the bundle.
 *
 * @param code the bundle.
 * @param folder the folder that the bundle is in.
 */
export function locateSourceMap(code: Uint8Array, folder: string = FUNCTION_FOLDER): string {
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 16);
  return join(`${folder}.maps`, `${hash}.map`);
}

if (import.meta.main) {
  await runCommand({
    name: 'npm run build',
    help: 'Bundles the function into dist/lambda, and its probe and hook into dist/watch, which are deployed as they are.',
    options: {},
    async run() {
      await Promise.all([build(), buildProbeAndHook()]);
      return undefined;
    },
  });
}
