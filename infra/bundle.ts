import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What the user of synth can fix, such as a wrong setting. Its message is shown without a stack. */
export class SynthError extends Error {
  override readonly name = 'SynthError';
}

/** The folder that is deployed as it is, and that the local run and the end-to-end tests execute. */
export const FUNCTION_FOLDER = join(import.meta.dirname, '../dist/lambda');

/** The folder of the probe and of the hook before traffic, `probe.mjs` and `hook.mjs`, which is deployed as it is. */
export const WATCH_FOLDER = join(import.meta.dirname, '../dist/watch');

/** The one file in it: an ES module. */
export const BUNDLE = 'index.mjs';

/**
 * Finds a folder that is deployed as it is.
 *
 * @param folder where it should be. Default: {@link FUNCTION_FOLDER}.
 * @param file one that must be in it. Default: {@link BUNDLE}.
 * @returns the folder.
 * @throws {SynthError} when the file is not there.
 */
export function findBundleFolder(folder: string = FUNCTION_FOLDER, file: string = BUNDLE): string {
  if (!existsSync(join(folder, file))) {
    throw new SynthError(`There is no bundle in ${folder}: \`npm run build\` makes it.`);
  }
  return folder;
}
