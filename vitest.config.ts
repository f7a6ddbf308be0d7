import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** A test takes about ten seconds at most on a quiet machine, with many at once; one that hangs is found in a minute. */
const TIMEOUT_MS = 60_000;

const project = (name: string, options: object = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: TIMEOUT_MS,
    hookTimeout: TIMEOUT_MS,
    // Its own limit, a second, is one that a busy machine reaches.
    expect: { poll: { timeout: 50_000 } },
    ...options,
  },
});

export default defineConfig({
  test: {
    // Once for the run, not once a project: those that need a table share the engines.
    globalSetup: 'test/support/engines.ts',
    // Much of it waits for processes to start and for time limits.
    maxWorkers: 2 * availableParallelism(),
    // What takes seconds to load, such as CDK, is loaded once for each worker.
    isolate: false,
    projects: [
      project('unit'),
      project('integration'),
      project('infra'),
      project('e2e'),
      // Most of what it does is to wait for time limits, many at once.
      project('reliability', { maxConcurrency: 24 }),
    ],
  },
});
