import { defineConfig } from 'vitest/config';

/** So long that a machine with other work does not reach it: what hangs is found all the same. */
const TIMEOUT_MS = 300_000;

const project = (name: string, options: object = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: TIMEOUT_MS,
    hookTimeout: TIMEOUT_MS,
    ...options,
  },
});

export default defineConfig({
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
