import { defineConfig } from 'vitest/config';

const project = (name: string, options: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...options },
});

export default defineConfig({
  test: {
    projects: [
      project('unit'),
      project('integration', { globalSetup: 'test/support/dynamodb-local.ts', testTimeout: 20_000 }),
      project('infra', { testTimeout: 60_000 }),
      project('e2e', {
        globalSetup: 'test/support/dynamodb-local.ts',
        testTimeout: 60_000,
        fileParallelism: false,
      }),
    ],
  },
});
