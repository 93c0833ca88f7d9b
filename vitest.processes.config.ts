import { defineConfig } from 'vitest/config';
import { processes } from './vitest.suites.ts';

export default defineConfig({
  test: {
    include: processes,
    globalSetup: ['tests/kit/services/global-setup.ts'],
    // Services take a while to stop on a busy machine.
    teardownTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 120_000,
  },
});
