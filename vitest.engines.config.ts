import { defineConfig } from 'vitest/config';

/** `npm run test:engines`: real load balancers in front of real processes. As root on Debian or Ubuntu it installs them. */
export default defineConfig({
  test: {
    include: ['tests/engines/*.test.ts'],
    globalSetup: ['tests/kit/services/global-setup.ts'],
    // Services take a while to stop on a busy machine.
    teardownTimeout: 60_000,
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
