import { parseKeyring } from '@live-feed/core/crypto/sealing';
import { createDatabase } from '@live-feed/database/connection/client';
import { type Seeded, seed } from '@live-feed/demo-seed/seed';
import type { StackSecrets } from './kept-secrets.ts';

/** Keys and campaigns of the demo companies, by what they demonstrate. */
export type DemoCompanies = Seeded;

/** Adds the demo companies, with dialers on the simulator. Called again, it only updates the dialers' addresses. */
export async function seedDemoCompanies(options: {
  readonly databaseUrl: string;
  readonly simulatorUrl: string;
  readonly secrets: StackSecrets;
}): Promise<DemoCompanies> {
  const { databaseUrl, simulatorUrl, secrets } = options;
  const database = createDatabase({
    url: databaseUrl,
    poolSize: 1,
    statementTimeoutMs: 10_000,
    connectTimeoutMs: 10_000,
    applicationName: 'live-feed-seed',
  });
  try {
    return await seed(database, {
      keyring: parseKeyring(secrets.sealKeys),
      simulatorUrl,
      secret: secrets.demoKeySecret,
    });
  } finally {
    await database.$disconnect();
  }
}
