import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build as bundle } from 'esbuild';
import { BUNDLE, FUNCTION_FOLDER } from '../../infra/bundle.ts';
import { build } from '../build/build.ts';

/** The folder of everything that the bench builds. */
export const BENCH_FOLDER = join(import.meta.dirname, '../../dist/bench');

/** The contender that all ratios are to. */
export const BASELINE = 'bare';

/** The same with a time zone, which the other contenders do not support: only its start is measured. */
export const OURS_IN_ZONE = 'this, in Madrid';

/** A function that is measured. */
export interface Contender {
  readonly name: string;
  /** The folder with its `index.mjs`, as Lambda would load it. */
  readonly folder: string;
  /** The size of its bundle. */
  readonly bytes: number;
  /** Its environment, as the template and Lambda set it. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The peers: by name the source and the options in which they differ from esbuild's defaults. */
const PEERS = {
  floor: { source: 'floor' },
  [BASELINE]: { source: 'bare' },
  'bare, mainFields': { source: 'bare', mainFields: ['module', 'main'] },
  usual: { source: 'usual' },
};

/** Dependencies in CommonJS ask for Node.js by `require`, which an ES module has to make. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/**
 * Builds all bundles: this project's with its own build, the peers' as minified ES modules.
 *
 * @param variables the environment of each.
 * @param otherFolder a folder with another build of this project, measured as `other`.
 */
export async function buildContenders(
  variables: Contender['variables'],
  otherFolder?: string,
): Promise<Contender[]> {
  const readContender = async (name: string, folder: string): Promise<Contender> => ({
    name,
    folder,
    bytes: (await stat(join(folder, BUNDLE))).size,
    variables,
  });
  const peers = Object.entries(PEERS).map(async ([name, { source, ...options }]): Promise<Contender> => {
    const folder = join(BENCH_FOLDER, name.replace(/\W+/g, '-'));
    await bundle({
      entryPoints: [join(import.meta.dirname, 'peers', `${source}.ts`)],
      outfile: join(folder, BUNDLE),
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      minify: true,
      banner: { js: BANNER },
      logLevel: 'error',
      ...options,
    });
    return readContender(name, folder);
  });
  await build();
  const ours = await readContender('this', FUNCTION_FOLDER);
  const other = otherFolder === undefined ? [] : [await readContender('other', resolve(otherFolder))];
  const inZone = { ...ours, name: OURS_IN_ZONE, variables: { ...variables, TIME_ZONE: 'Europe/Madrid' } };
  return [...(await Promise.all(peers)), ours, inZone, ...other];
}
