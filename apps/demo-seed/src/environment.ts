import { databaseUrlSchema } from '@live-feed/database/connection/settings/connection-string';
import { text, url } from '@live-feed/runtime/configuration/environment-kinds';
import { processVariables } from '@live-feed/runtime/main';
import { z } from 'zod';

/** The demo seed's variables. */
export const demoSeedEnvironment = z.object({
  ...processVariables,
  DATABASE_URL: databaseUrlSchema().describe('URL of the PostgreSQL database'),
  SEAL_KEYS: text().describe('the encryption keys of the ingress and the workers'),
  SIMULATOR_URL: url(['http', 'https']).describe('the dialer simulator, as the workers reach it'),
  DEMO_KEY_SECRET: text().describe('the secret that the demo keys are derived from'),
});
