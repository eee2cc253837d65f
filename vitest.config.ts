import { defineConfig } from 'vitest/config';

const seconds = (n: number): number => n * 1000;

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'test/{domain,contracts,docs,adapters,compute,client,simulator,stack,config,differential}/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'workflows',
          include: ['test/workflows/**/*.test.ts'],
          globalSetup: ['test/support/workflow-bundle.ts', 'test/support/embedded-services.ts'],
          testTimeout: seconds(120),
          hookTimeout: seconds(180),
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/workflow-bundle.ts', 'test/support/embedded-services.ts'],
          testTimeout: seconds(120),
          hookTimeout: seconds(180),
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'replay',
          include: ['test/replay/**/*.test.ts'],
          globalSetup: ['test/support/workflow-bundle.ts'],
          testTimeout: seconds(120),
          hookTimeout: seconds(180),
        },
      },
    ],
  },
});
