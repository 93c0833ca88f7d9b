import { defineConfig } from 'vitest/config';

/** `npm run test:processes`: what needs whole processes, started, killed and read like a person would. A minute or two. */
export default defineConfig({
  test: {
    include: ['tests/processes/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
