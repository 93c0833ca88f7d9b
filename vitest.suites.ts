/** `npm run test:processes`: they start whole processes, or wait for deadlines, holds and time-outs to pass. CI runs them, too. */
export const processes = [
  'tests/processes/*.test.ts',
  'tests/arbiter/*.test.ts',
  'tests/admin/{leads,dialers}.test.ts',
  'tests/attack/{planted-secrets,token-stays-home}.test.ts',
  'tests/contract/startup.test.ts',
  'tools/src/services/postgres.test.ts',
];
