import { defineConfig } from 'vitest/config';

const project = (name: string, options: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...options },
});

export default defineConfig({
  test: {
    // Once for the run, not once a project: those that need a table share a DynamoDB Local.
    globalSetup: 'test/support/dynamodb-local.ts',
    // Much of it waits for processes to start and for time limits: on two cores Vitest would use one.
    maxWorkers: '100%',
    projects: [
      project('unit', { testTimeout: 20_000 }),
      project('integration', { testTimeout: 20_000 }),
      // The CDK command line takes a minute and more where other processes use the cores.
      project('infra', { testTimeout: 300_000, hookTimeout: 300_000 }),
      project('e2e', { testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false }),
      // Most of what it does is to wait for time limits, many at once.
      project('reliability', { testTimeout: 180_000, hookTimeout: 60_000, maxConcurrency: 16 }),
    ],
  },
});
