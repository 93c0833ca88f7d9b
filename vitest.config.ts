import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{apps,packages,prisma,bench,tools,tests}/**/*.test.ts'],
    // Longer, with a command of their own: `npm run test:processes`.
    exclude: ['**/node_modules/**', 'tests/processes/**', 'tests/arbiter/**'],
    globalSetup: ['tests/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Real services on a busy machine: a limit that only a hang reaches.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
