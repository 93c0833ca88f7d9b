import { overlaysSchema } from '@live-feed/core/caller-id/overlays';
import { keyringSchema } from '@live-feed/core/crypto/secret-schemas';
import { databaseUrlSchema } from '@live-feed/database/connection/settings/connection-string';
import { checkRedis, redisVariables } from '@live-feed/queue/redis/settings/redis-variables';
import {
  durationMs,
  flag,
  headerName,
  host,
  integer,
  mailAddress,
  origin,
  port,
  smtpUrl,
  textFile,
  url,
} from '@live-feed/runtime/configuration/environment-kinds';
import { processVariables } from '@live-feed/runtime/main';
import { z } from 'zod';

export const workerEnvironment = z
  .object({
    ...processVariables,
    DATABASE_URL: databaseUrlSchema().describe('URL of the PostgreSQL database'),
    ...redisVariables,
    SEAL_KEYS: keyringSchema().describe('encryption keys for data at rest; the first encrypts, all decrypt'),
    AREA_CODES_FILE: textFile()
      .pipe(overlaysSchema())
      .optional()
      .describe(
        'file of area codes that this release lacks or has in the wrong place, each followed by a known one of the same area: "457 318"',
      ),
    WORKER_METRICS_HOST: host().default('127.0.0.1').describe('address of /metrics'),
    WORKER_METRICS_PORT: port().default(9465).describe('port of /metrics, /healthz and /readyz'),
    WORKER_DATABASE_CONNECTIONS: integer({ min: 1, max: 100 })
      .default(8)
      .describe('maximum number of connections to PostgreSQL'),
    WORKER_CONNECT_TIMEOUT_MS: durationMs({ min: 10 })
      .default(3_000)
      .describe('time-out for connecting to a dialing system, TCP and TLS together'),
    WORKER_UPLOAD_TIMEOUT_MS: durationMs({ min: 10 })
      .default(10_000)
      .describe('time-out for an upload, from the first byte written to the end of the response'),
    WORKER_SEND_WINDOW_MS: durationMs({ min: 10 })
      .default(2_000)
      .describe('how long after its intent was recorded an upload may still start'),
    WORKER_SETTLE_MS: durationMs({ min: 0 })
      .default(3_000)
      .describe('time a dialing system needs after a call before absence in a read-back counts'),
    WORKER_REFUSED_SETTLE_MS: durationMs({ min: 0 })
      .default(1_000)
      .describe('the same after an upload of several leads was refused as a whole'),
    WORKER_LOCK_MS: durationMs({ min: 500 })
      .default(8_000)
      .describe("how long a dead worker's leads stay locked; use the same value for all workers"),
    WORKER_RETENTION_DAYS: integer({ min: 3, max: 3_650 })
      .default(90)
      .describe('days that leads in a final state are kept, counted from their arrival'),
    WORKER_AUDIT_RETENTION_DAYS: integer({ min: 30, max: 3_650 })
      .default(400)
      .describe('days that the audit log is kept: who changed what'),
    WEBHOOK_ALLOW_PRIVATE: flag()
      .default(false)
      .describe(
        'whether webhooks and checks of phones may go to private addresses and over HTTP; only for tests and demos',
      ),
    WORKER_SMTP_URL: smtpUrl()
      .optional()
      .describe(
        'mail server that alerts are sent through, such as smtps://user:password@mail.example.com; without it no channel can be an e-mail',
      ),
    WORKER_SMTP_FROM: mailAddress()
      .optional()
      .describe(
        'sender of e-mails about alerts, such as Live Feed <live-feed@example.com>; needed with WORKER_SMTP_URL',
      ),
    CONSOLE_PUBLIC_URL: url(['http', 'https'])
      .optional()
      .describe("the console's address in the browser, for links in messages of alerts"),
    WORKER_NEWBRIDGE_AUTH_HEADER: headerName()
      .default('X-Auth-Token')
      .describe('request header that carries a NewBridge token'),
    WORKER_RINGCENTRAL_URL: origin()
      .default('https://platform.ringcentral.com')
      .describe('where dialers with a JWT credential sign in; client secrets and JWTs are sent there'),
    WORKER_RINGCX_URL: origin()
      .default('https://ringcx.ringcentral.com')
      .describe('where access tokens of RingCX are got, and the only host that they are sent to'),
  })
  // Runs whatever else is wrong, so that all problems are reported at once.
  .superRefine(
    ({ WORKER_SMTP_URL: url, WORKER_SMTP_FROM: from }, context) => {
      if (url === undefined || from !== undefined) return;
      context.addIssue({
        code: 'custom',
        path: ['WORKER_SMTP_FROM'],
        message: 'must be set if WORKER_SMTP_URL is',
      });
    },
    { when: () => true },
  )
  .superRefine(checkRedis, { when: () => true });

export type WorkerEnvironment = z.infer<typeof workerEnvironment>;
