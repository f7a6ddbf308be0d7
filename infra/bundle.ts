import { globSync } from 'node:fs';
import { join } from 'node:path';
import { SynthError } from './synth-error.ts';

const DEFAULT_FOLDER = join(import.meta.dirname, '..', 'dist', 'lambda');

/**
 * Finds the bundle, which is deployed as it is.
 *
 * @param folder where it should be. Default: `dist/lambda` of this repository, wherever the command is run.
 * @returns the folder.
 * @throws {SynthError} when it holds no module `index`, in none of the forms that Lambda loads.
 */
export function bundleFolder(folder: string = DEFAULT_FOLDER): string {
  if (globSync('index.{js,mjs,cjs}', { cwd: folder }).length === 0) {
    throw new SynthError(`There is no bundle in ${folder}: \`npm run build\` makes it.`);
  }
  return folder;
}
