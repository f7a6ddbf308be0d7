import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A path to a folder for tools that read `#`, `%` and `?` in a path as parts of a URL: Vite, whose maintainers leave it so
 * (https://github.com/vitejs/vite/issues/13123), and Redocly.
 *
 * @returns the folder itself, or, if its path has one of these, a link to it that is deleted when this process exits.
 */
export function plainPath(folder: string): string {
  if (!/[#%?]/.test(folder)) return folder;
  const parent = mkdtempSync(join(tmpdir(), 'plain-path-'));
  process.once('exit', () => rmSync(parent, { recursive: true }));
  const link = join(parent, 'checkout');
  symlinkSync(folder, link);
  return link;
}
