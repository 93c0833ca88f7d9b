import { overlaysSchema } from '@live-feed/core/caller-id/overlays';
import { digestsSchema, keyringSchema } from '@live-feed/core/crypto/secret-schemas';
import { databaseUrlSchema } from '@live-feed/database/connection/settings/connection-string';
import {
  flag,
  headerName,
  origin,
  redisUrl,
  text,
  textFile,
} from '@live-feed/runtime/configuration/environment-kinds';
import { z } from 'zod';

/** Secrets must be those of the ingress and the workers, which decrypt what is encrypted here. */
export const adminEnvironment = z.object({
  DATABASE_URL: databaseUrlSchema().describe('URL of the PostgreSQL database'),
  REDIS_URL: redisUrl().describe('URL of the Redis that holds the queues'),
  SEAL_KEYS: keyringSchema().describe('encryption keys for data at rest; the first encrypts, all decrypt'),
  ADMIN_COMMAND: text()
    .optional()
    .describe('how this command line is started, for hints and examples: "npm run admin --"'),
  ADMIN_API_URL: text()
    .default('http://localhost:3000')
    .describe('where callers reach the API, for the command that "dialer connect" prints'),
  ADMIN_USER: text()
    .optional()
    .describe(
      "who makes the changes, for the audit log, in place of the machine's user: where several share one",
    ),
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
  WORKER_NEWBRIDGE_AUTH_HEADER: headerName()
    .default('X-Auth-Token')
    .describe('the header that carries a NewBridge token'),
  WORKER_RINGCENTRAL_URL: origin()
    .default('https://platform.ringcentral.com')
    .describe('where dialers with a JWT credential sign in; client secrets and JWTs are sent there'),
  WORKER_RINGCX_URL: origin()
    .default('https://ringcx.ringcentral.com')
    .describe('where access tokens of RingCX are got, and the only host that they are sent to'),
});

export type AdminEnvironment = z.infer<typeof adminEnvironment>;
