import { defineConfig } from 'vitest/config';

/**
 * `npm run test:processes`: what needs whole processes, started, killed and read like a person would, and what has to wait
 * for deadlines, holds and time-outs to pass. Some minutes.
 */
export default defineConfig({
  test: {
    include: [
      'tests/processes/*.test.ts',
      'tests/arbiter/*.test.ts',
      'tests/attack/{planted-secrets,token-stays-home}.test.ts',
    ],
    globalSetup: ['tests/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
