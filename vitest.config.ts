import { defineConfig } from 'vitest/config';
import { processes } from './vitest.suites.ts';

export default defineConfig({
  test: {
    include: ['{apps,packages,prisma,bench,tools,tests}/**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      'tests/attack/bounds.test.ts',
      'tests/engines/*.test.ts',
      'tests/browser/*.test.ts',
      ...processes,
    ],
    globalSetup: ['tests/kit/services/global-setup.ts'],
    // Services take a while to stop on a busy machine.
    teardownTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    // Nothing here is a singleton or starts on import, so files may share what was imported: a third of all CPU time was importing.
    isolate: false,
    // Real services on a busy machine: a limit that only a hang reaches.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
