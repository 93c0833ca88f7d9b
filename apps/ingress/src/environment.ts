import { overlaysSchema } from '@live-feed/core/caller-id/overlays';
import { digestsSchema, keyringSchema } from '@live-feed/core/crypto/secret-schemas';
import { databaseUrlSchema } from '@live-feed/database/connection/settings/connection-string';
import { checkRedis, redisVariables } from '@live-feed/queue/redis/settings/redis-variables';
import {
  durationMs,
  flag,
  host,
  integer,
  port,
  textFile,
} from '@live-feed/runtime/configuration/environment-kinds';
import { processVariables, stopGraceMs } from '@live-feed/runtime/main';
import { z } from 'zod';

/** Minimum time of an ordered stop after the drain: for the last answers, and to close everything. */
const AFTER_DRAIN_MS = 5_000;

const variables = z.object({
  ...processVariables,
  // The drain, then the longest wait of a caller, then the last answers.
  STOP_GRACE_MS: stopGraceMs(40_000),
  DATABASE_URL: databaseUrlSchema().describe('URL of the PostgreSQL database'),
  ...redisVariables,
  SEAL_KEYS: keyringSchema().describe('encryption keys for data at rest; the first encrypts, all decrypt'),
  AREA_CODES_FILE: textFile()
    .pipe(overlaysSchema())
    .optional()
    .describe(
      'file of area codes that this release lacks or has in the wrong place, each followed by a known one of the same area: "457 318"',
    ),
  PHONE_DIGEST_SECRET: digestsSchema().describe(
    'secret of the HMACs that stand for phones, requests and imported keys; must never change',
  ),
  WEBHOOK_ALLOW_PRIVATE: flag()
    .default(false)
    .describe(
      'whether webhooks and checks of phones may go to private addresses and over HTTP; only for tests and demos',
    ),
  INGRESS_HOST: host().default('0.0.0.0').describe('the address to listen on'),
  INGRESS_PORT: port().default(3000).describe('the port to listen on'),
  INGRESS_METRICS_HOST: host()
    .default('127.0.0.1')
    .describe('the address that /metrics listens on; callers must not reach it'),
  INGRESS_METRICS_PORT: port().default(9464).describe('the port of /metrics, /healthz and /readyz'),
  INGRESS_DRAIN_MS: durationMs({ max: 300_000 })
    .default(8_000)
    .describe(
      'how long the server keeps taking leads after SIGTERM, while /readyz answers 503; longer than load balancers take to notice',
    ),
  INGRESS_DEADLINE_MS: durationMs({ min: 1_000, max: 28_000 })
    .default(25_000)
    .describe('maximum time that a caller waits; public clients give up after 30 s'),
  INGRESS_REQUEST_TIMEOUT_MS: durationMs({ min: 100, max: 60_000 })
    .default(10_000)
    .describe('maximum time for a request to arrive, from its first byte to the last of its body'),
  INGRESS_KEEP_ALIVE_MS: durationMs({ min: 1_000, max: 3_600_000 })
    .default(65_000)
    .describe(
      'how long an idle connection stays open; longer than the load balancer in front keeps its connections',
    ),
  INGRESS_MAX_AGE_MS: durationMs({ min: 30_000 })
    .default(86_400_000)
    .describe('maximum age of a promised lead; until then its delivery is tried'),
  INGRESS_MAX_WAITING: integer({ min: 1 })
    .default(10_000)
    .describe('maximum number of callers waiting in this process'),
  INGRESS_MAX_WAITING_PER_COMPANY: integer({ min: 1 })
    .default(5_000)
    .describe('the same for callers of one company; less, so that others find room'),
  INGRESS_MAX_BACKLOG: integer({ min: 1 })
    .default(50_000)
    .describe('maximum number of leads waiting for one dialer, including those whose callers do not wait'),
  INGRESS_MAX_LOOP_DELAY_MS: durationMs({ min: 0 })
    .default(2_000)
    .describe('mean event loop delay from which on new leads are refused; 0: never'),
  INGRESS_MAX_CONNECTIONS: integer({ min: 1 })
    .default(12_000)
    .describe('maximum number of open connections of callers; more than INGRESS_MAX_WAITING'),
  INGRESS_DATABASE_CONNECTIONS: integer({ min: 1, max: 100 })
    .default(8)
    .describe('maximum number of connections to PostgreSQL'),
  INGRESS_STATUS_CONNECTIONS: integer({ min: 1, max: 100 })
    .default(4)
    .describe('maximum number of further connections to PostgreSQL, for status and lists of leads'),
});

// Checked even if other variables are wrong, so that all errors are reported at once.
export const ingressEnvironment = variables
  .superRefine(checkStop, { when: () => true })
  .superRefine(checkRedis, { when: () => true });

function checkStop(
  { INGRESS_DRAIN_MS: drainMs, STOP_GRACE_MS: graceMs }: Partial<z.infer<typeof variables>>,
  context: z.RefinementCtx,
): void {
  if (typeof drainMs !== 'number' || typeof graceMs !== 'number' || graceMs >= drainMs + AFTER_DRAIN_MS)
    return;
  const message = `must be at least ${AFTER_DRAIN_MS} more than INGRESS_DRAIN_MS`;
  context.addIssue({ code: 'custom', path: ['STOP_GRACE_MS'], message });
}

export type IngressEnvironment = z.infer<typeof ingressEnvironment>;
