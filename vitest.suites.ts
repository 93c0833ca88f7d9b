/** `npm run test:processes`: they start whole processes, or wait for deadlines, holds and time-outs to pass. CI runs them, too. */
export const processes = [
  'tests/processes/*.test.ts',
  'tests/arbiter/*.test.ts',
  'tests/admin/{leads,dialers,anis}.test.ts',
  'tests/attack/{planted-secrets,token-stays-home}.test.ts',
  'tests/contract/{startup,services-away,refusing-redis,silent-redis,silent-postgres,bursts,nothing-taken}.test.ts',
  'tests/database/{pulse,statement-effect}.test.ts',
  'tools/src/services/postgres.test.ts',
];
