import { defineConfig } from 'vitest/config';

/** `npm run test:faults`: real processes under load, killed, frozen and robbed of their services. Minutes, not seconds. */
export default defineConfig({
  test: {
    include: ['tests/faults/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 900_000,
    hookTimeout: 120_000,
  },
});
