import { overlaysSchema } from '@live-feed/core/caller-id/overlays';
import { keyringSchema } from '@live-feed/core/crypto/secret-schemas';
import { databaseUrlSchema } from '@live-feed/database/connection/connection-string';
import {
  durationMs,
  headerName,
  host,
  integer,
  port,
  redisUrl,
  textFile,
} from '@live-feed/runtime/environment-kinds';
import { processVariables } from '@live-feed/runtime/main';
import { z } from 'zod';

export const workerEnvironment = z.object({
  ...processVariables,
  DATABASE_URL: databaseUrlSchema().describe('The PostgreSQL database.'),
  REDIS_URL: redisUrl().describe('The Redis that holds the queues.'),
  SEAL_KEYS: keyringSchema().describe('encryption keys for data at rest; the first encrypts, all decrypt'),
  AREA_CODES_FILE: textFile()
    .pipe(overlaysSchema())
    .optional()
    .describe(
      'file of area codes that this release lacks or has in the wrong place, each followed by a known one of the same area: "457 318"',
    ),
  WORKER_METRICS_HOST: host().default('127.0.0.1').describe('The address of /metrics.'),
  WORKER_METRICS_PORT: port().default(9465).describe('The port of /metrics, /healthz and /readyz.'),
  WORKER_DATABASE_CONNECTIONS: integer({ min: 1, max: 100 })
    .default(8)
    .describe('Connections to PostgreSQL at most; as many uploads begin at once.'),
  WORKER_CONNECT_TIMEOUT_MS: durationMs({ min: 10 })
    .default(3_000)
    .describe('For TCP and TLS to a dialing system.'),
  WORKER_UPLOAD_TIMEOUT_MS: durationMs({ min: 10 })
    .default(10_000)
    .describe('From the first byte written to the end of the answer.'),
  WORKER_SEND_WINDOW_MS: durationMs({ min: 10 })
    .default(2_000)
    .describe('How long after the intent to send was recorded the socket may be written to.'),
  WORKER_SETTLE_MS: durationMs({ min: 0 })
    .default(3_000)
    .describe('How long a dialing system may take to show what it took, once a call is over.'),
  WORKER_REFUSED_SETTLE_MS: durationMs({ min: 0 })
    .default(1_000)
    .describe('The same for an upload of several that was refused as a whole, before its halves are sent.'),
  WORKER_LOCK_MS: durationMs({ min: 500 })
    .default(8_000)
    .describe("How long a dead worker's leads stay locked; the same for all workers."),
  WORKER_RETENTION_DAYS: integer({ min: 3, max: 3_650 })
    .default(90)
    .describe('How many days final leads are kept, from when they were received.'),
  WORKER_NEWBRIDGE_AUTH_HEADER: headerName()
    .default('X-Auth-Token')
    .describe('The header that carries a NewBridge token.'),
});

export type WorkerEnvironment = z.infer<typeof workerEnvironment>;
