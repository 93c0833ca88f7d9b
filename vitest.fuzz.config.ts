import { defineConfig } from 'vitest/config';

/** `npm run test:fuzz`: more hostile requests than `npm test` has time for, and the memory that each kind of greed costs. */
export default defineConfig({
  test: {
    include: ['tests/attack/{api-fuzz,bounds}.test.ts'],
    globalSetup: ['tests/kit/services/global-setup.ts'],
    // Services take a while to stop on a busy machine.
    teardownTimeout: 60_000,
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 1_200_000,
    hookTimeout: 120_000,
  },
});
