/** `npm run test:processes`: they start whole processes, or wait for deadlines, holds and time-outs to pass. CI runs them, too. */
export const processes = [
  'tests/processes/*.test.ts',
  'tests/webhooks/delivery.test.ts',
  'tests/console/{roles,behind-proxies}.test.ts',
  'tests/database/leads/lead-search.test.ts',
  'tests/alerts/sending.test.ts',
  'tests/arbiter/**/*.test.ts',
  'tests/admin/{leads-sent-again,leads-in-bulk,company-removal,leads,dialers,anis,dnc,companies-and-keys,campaigns,connecting,phone-checks}.test.ts',
  'tests/attack/{planted-secrets,token-stays-home,api-fuzz}.test.ts',
  'tests/contract/services/*.test.ts',
  'tests/contract/clients/*.test.ts',
  'tests/contract/{http/bursts,kept-leads/nothing-taken,kept-leads/late-event-loop,kept-leads/in-dialer,kept-leads/idempotency,submitting/campaign-lookups,submitting/{batch,dry-run,dry-run-agrees,duplicates,forwarded-fields,phone-check,suppression}}.test.ts',
  'tests/database/{connection/health-check,connection/statement-effect,schema/migrate,anis/ani-assignment}.test.ts',
  'tests/delivery/{group-commit,joining}.test.ts',
  'tools/src/services/{postgres,redis,supervise}.test.ts',
  'packages/runtime/src/main.test.ts',
  'apps/dialer-simulator/src/main.test.ts',
];
