import { parseKeyring } from '@live-feed/core/crypto/sealing';
import { createDatabase } from '@live-feed/database/connection/client';
import { runMain } from '@live-feed/runtime/main';
import { demoSeedEnvironment } from './environment.ts';
import { seed } from './seed.ts';

// Adds the demo companies and prints their keys, for `docker compose --profile demo`. `npm start` seeds without this process.
await runMain('demo-seed', demoSeedEnvironment, async ({ env, lifecycle }) => {
  const database = createDatabase({
    url: env.DATABASE_URL,
    poolSize: 1,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    applicationName: 'live-feed-demo-seed',
  });
  lifecycle.onStop('database', () => database.$disconnect());
  const seeded = await seed(database, {
    keyring: parseKeyring(env.SEAL_KEYS),
    simulatorUrl: env.SIMULATOR_URL,
    secret: env.DEMO_KEY_SECRET,
  });
  process.stdout.write(`${JSON.stringify(seeded, null, 2)}\n`);
  void lifecycle.stop('seeded');
  return undefined;
});
