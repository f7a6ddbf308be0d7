import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { plainPath } from './tools/plain-path.ts';

/** So long that a machine with other work does not reach it: what hangs is found all the same. */
const TIMEOUT_MS = 300_000;

/** Where Vitest finds the files, if that is a link; Knip reads this file too, and needs none. */
const root = process.env.VITEST === undefined ? import.meta.dirname : plainPath(import.meta.dirname);
const location = root !== import.meta.dirname && {
  root,
  resolve: {
    preserveSymlinks: true,
    // Vitest resolves its own name to the path that the link leads to.
    alias: [{ find: /^vitest$/, replacement: join(root, 'node_modules/vitest/dist/index.js') }],
  },
};

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
    // What takes seconds to load, such as CDK, is loaded once for each worker.
    isolate: false,
    projects: [
      project('unit'),
      project('integration'),
      project('infra'),
      project('e2e'),
      // Most of what it does is to wait for time limits, many at once.
      project('reliability', { maxConcurrency: 12 }),
    ],
  },
});
