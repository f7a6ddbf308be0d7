import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Whatever changes the bundle is in one of these. */
const BUNDLE_SOURCES = ['lambda', 'tools/build', 'package.json', 'package-lock.json'];

/**
 * Reads the commit that the bundle is built from: the last that changed one of its sources.
 *
 * @param checkout the root of the checkout. Default: this one.
 * @returns twelve digits of its hash. The empty text where git does not know: outside of a checkout, in another user's,
 *   in a shallow clone, whose oldest commit seems to change every file, and where changes are not committed.
 */
export function readCommit(checkout: string = join(import.meta.dirname, '..')): string {
  const git = (...args: string[]) =>
    spawnSync('git', args, { cwd: checkout, encoding: 'utf8' }).stdout?.trim();
  if (git('rev-parse', '--is-shallow-repository') !== 'false') return '';
  if (git('status', '--porcelain', '--', ...BUNDLE_SOURCES) !== '') return '';
  return git('log', '-1', '--format=%h', '--abbrev=12', '--', ...BUNDLE_SOURCES) ?? '';
}
