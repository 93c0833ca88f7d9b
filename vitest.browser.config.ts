import { defineConfig } from 'vitest/config';

/** `npm run test:browser`: the console's pages in a real Chromium. */
export default defineConfig({
  test: {
    include: ['tests/browser/*.test.ts'],
    globalSetup: ['tests/kit/services/global-setup.ts'],
    teardownTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
