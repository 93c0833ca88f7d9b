import { createKeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import { createDatabase, type Database } from '@live-feed/database/connection/client';
import { seedTraffic } from '@live-feed/demo-seed/demo-traffic';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { closeRedis, connectRedis, whenReady } from '@live-feed/queue/redis/redis';
import type { StackSecrets } from './kept-secrets.ts';

const HELD = {
  company: 'Demo RingCX with a JWT credential',
  forMs: 8 * 3_600_000,
  why: 'Demo: they move house',
};
const REDIS_LIMIT_MS = 10_000;

/** Whether nobody has used the database yet. */
export async function isUnused(databaseUrl: string): Promise<boolean> {
  return withDatabase(databaseUrl, async (database) => (await database.company.count()) === 0);
}

/**
 * Fills the console of a new stack: an hour of leads of the demo companies, and a dialer that is held. Everything says that it is a demo.
 *
 * @returns how many leads
 */
export async function seedDemoTraffic(options: {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly secrets: StackSecrets;
}): Promise<number> {
  const { databaseUrl, redisUrl, secrets } = options;
  const redis = connectRedis(redisUrl, 'requests', () => undefined);
  try {
    return await withDatabase(databaseUrl, async (database) => {
      const dialer = await database.dialer.findFirst({ where: { company: { name: HELD.company } } });
      await whenReady(redis, REDIS_LIMIT_MS);
      if (dialer !== null) await createDialerHealth(redis).hold(dialerAddress(dialer), HELD.forMs, HELD.why);
      return seedTraffic(database, {
        keyring: parseKeyring(secrets.sealKeys),
        digests: createKeyedDigests(secrets.phoneDigestSecret),
        nowMs: Date.now(),
      });
    });
  } finally {
    await closeRedis(redis);
  }
}

async function withDatabase<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = createDatabase({
    ...{ url, poolSize: 1, statementTimeoutMs: 30_000, connectTimeoutMs: 10_000 },
    applicationName: 'live-feed-seed',
  });
  try {
    return await work(database);
  } finally {
    await database.$disconnect();
  }
}
