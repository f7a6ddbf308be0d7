import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SynthError } from './synth-error.ts';

const DEFAULT_FOLDER = join(import.meta.dirname, '..', 'dist', 'lambda');

/**
 * Finds the bundle, which is deployed as it is.
 *
 * @param folder where it should be. Default: `dist/lambda` of this repository, wherever the command is run.
 * @returns the folder.
 * @throws {SynthError} when there is no `index.mjs` in it.
 */
export function bundleFolder(folder: string = DEFAULT_FOLDER): string {
  if (!existsSync(join(folder, 'index.mjs'))) {
    throw new SynthError(`There is no bundle in ${folder}: \`npm run build\` makes it.`);
  }
  return folder;
}
