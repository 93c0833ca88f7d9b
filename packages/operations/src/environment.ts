import { overlaysSchema } from '@live-feed/core/caller-id/overlays';
import { digestsSchema, keyringSchema } from '@live-feed/core/crypto/secret-schemas';
import { databaseUrlSchema } from '@live-feed/database/connection/settings/connection-string';
import { redisVariables } from '@live-feed/queue/redis/settings/redis-variables';
import { flag, headerName, origin, text, textFile } from '@live-feed/runtime/configuration/environment-kinds';
import { z } from 'zod';

/** The variables of a process that carries out operations. Secrets must be those of the ingress and the workers, which decrypt what is encrypted here. */
export const operationsVariables = {
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
  ADMIN_API_URL: text()
    .default('http://localhost:3000')
    .describe('where callers reach the API, for examples that can be pasted'),
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
};

const schema = z.object(operationsVariables);

export type OperationsEnvironment = z.infer<typeof schema>;
