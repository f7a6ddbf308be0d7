import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** So long that a machine with other work does not reach it: what hangs is found all the same. */
const TIMEOUT_MS = 300_000;

/**
 * Vite reads `#`, `%` and `?` in a file's path as parts of a URL, and its maintainers leave it so
 * (https://github.com/vitejs/vite/issues/13123). From a folder with one of these in its path, the tests run through a
 * link to it that Vite does not follow.
 */
function withoutUrlCharacters(folder: string) {
  if (!/[#%?]/.test(folder)) return {};
  const parent = mkdtempSync(join(tmpdir(), 'checkout-'));
  process.once('exit', () => rmSync(parent, { recursive: true }));
  const root = join(parent, 'link');
  symlinkSync(folder, root);
  return {
    root,
    resolve: {
      preserveSymlinks: true,
      // Vitest resolves its own name to the path that the link leads to.
      alias: [{ find: /^vitest$/, replacement: join(root, 'node_modules/vitest/dist/index.js') }],
    },
  };
}

const location = withoutUrlCharacters(import.meta.dirname);

const project = (name: string, options: object = {}) => ({
  ...location,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: TIMEOUT_MS,
    hookTimeout: TIMEOUT_MS,
    ...options,
  },
});

export default defineConfig({
  ...location,
  test: {
    // Once for the run, not once a project: those that need a table share the engines.
    globalSetup: 'test/support/engines.ts',
    // Much of it waits for processes to start and for time limits: on two cores Vitest would use one.
    maxWorkers: '100%',
    projects: [
      project('unit'),
      project('integration'),
      project('infra'),
      project('e2e', { fileParallelism: false }),
      // Most of what it does is to wait for time limits, many at once.
      project('reliability', { maxConcurrency: 16 }),
    ],
  },
});
