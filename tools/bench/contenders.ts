import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import { FUNCTION_FOLDER } from '../../infra/bundle.ts';
import { build } from '../build/build.ts';

/** The folder of all that the bench makes. */
export const BENCH_FOLDER = join(import.meta.dirname, '../../dist/bench');

/** A function that is measured. */
export interface Contender {
  readonly name: string;
  /** The folder with its `index.mjs` or `index.cjs`, as Lambda would load it. */
  readonly folder: string;
  /** The size of its bundle. */
  readonly bytes: number;
}

const PEERS = ['floor', 'bare', 'usual'] as const;

/** What the peers are compared with: this project's bundle. */
const OURS = 'this';

/** What the ratios are to. */
export const BASE = 'bare';

/** Dependencies that are no ES modules ask for Node.js by `require`, which an ES module has to make. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Builds all bundles: this project's with its own build, the peers' as an ES module with esbuild's defaults, minified. */
export async function buildContenders(): Promise<Contender[]> {
  const peers = await Promise.all(
    PEERS.map(async (name): Promise<Contender> => {
      const folder = join(BENCH_FOLDER, name);
      const outfile = join(folder, 'index.mjs');
      await bundle({
        entryPoints: [join(import.meta.dirname, 'peers', `${name}.ts`)],
        outfile,
        bundle: true,
        platform: 'node',
        target: 'node24',
        format: 'esm',
        minify: true,
        banner: { js: BANNER },
        logLevel: 'error',
      });
      return { name, folder, bytes: (await stat(outfile)).size };
    }),
  );
  const { bytes } = await build();
  return [...peers, { name: OURS, folder: FUNCTION_FOLDER, bytes }];
}
