import { parseKeyring } from '@live-feed/core/crypto/sealing';
import { createDatabase } from '@live-feed/database/connection/client';
import { seed } from '@live-feed/database/seed';
import { text, url } from '@live-feed/runtime/environment-kinds';
import { processVariables, runMain } from '@live-feed/runtime/main';
import { z } from 'zod';

// `npm run seed`: the demo's companies, for a stack that is started otherwise (docker compose --profile demo). Prints their keys.
const environment = z.object({
  ...processVariables,
  DATABASE_URL: url(['postgresql', 'postgres']).describe('the PostgreSQL database'),
  SEAL_KEYS: text().describe('as the ingress and the workers have it'),
  SIMULATOR_URL: url(['http', 'https']).describe('the dialer simulator, as the workers reach it'),
  DEMO_KEY_SECRET: text().describe('the demo keys are derived from it; whoever knows it has them'),
});

await runMain('seed', environment, async ({ env, lifecycle }) => {
  const database = createDatabase({
    url: env.DATABASE_URL,
    poolSize: 1,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    applicationName: 'live-feed-seed',
  });
  lifecycle.onStop('database', () => database.$disconnect());
  const seeded = await seed(database, {
    keyring: parseKeyring(env.SEAL_KEYS),
    ringcxBaseUrl: `${env.SIMULATOR_URL}/voice/api`,
    newbridgeBaseUrl: `${env.SIMULATOR_URL}/newbridge/api`,
    secret: env.DEMO_KEY_SECRET,
  });
  process.stdout.write(`${JSON.stringify(seeded, null, 2)}\n`);
  void lifecycle.stop('seeded');
  return undefined;
});
