import { closeRedis, connectRedis, whenReady } from '@live-feed/queue/redis/redis';
import pg from 'pg';

/** What processes write by themselves, whether or not anybody asks anything. */
const BY_THEMSELVES = {
  tables: ['heartbeats', 'steady_clock', 'retention'],
  keys: /^\{lf:(?:pulse|lanes)\}|:stalled-check$/,
};

/** Every row of every table, and every key of Redis with its value and whether it ends: equal if, and only if, nothing was written. */
export async function storedState(databaseUrl: string, redisUrl: string): Promise<Record<string, string>> {
  return { ...(await inPostgres(databaseUrl)), ...(await inRedis(redisUrl)) };
}

/** @returns the tables and keys that differ */
export function changesBetween(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => before[name] !== after[name]).sort();
}

async function inPostgres(url: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND NOT tablename = ANY($1)",
      [BY_THEMSELVES.tables],
    );
    const state: Record<string, string> = {};
    for (const { name } of tables) {
      const table = client.escapeIdentifier(name);
      // With the transaction that wrote each row, so that one that was written as it was is seen.
      const { rows } = await client.query<{ row: string }>(
        `SELECT xmin || ' ' || ${table}::text AS row FROM ${table} ORDER BY 1`,
      );
      state[`table ${name}`] = rows.map(({ row }) => row).join('\n');
    }
    return state;
  } finally {
    await client.end();
  }
}

async function inRedis(url: string): Promise<Record<string, string>> {
  const redis = connectRedis(url, 'jobs', () => {});
  await whenReady(redis, 10_000);
  try {
    const state: Record<string, string> = {};
    for (const key of (await redis.keys('*')).sort()) {
      if (BY_THEMSELVES.keys.test(key)) continue;
      const value = await redis.dumpBuffer(key);
      if (value !== null) state[`key ${key}`] = value.toString('base64');
    }
    return state;
  } finally {
    await closeRedis(redis);
  }
}
