import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { closeRedis, connectRedis, whenReady } from '@live-feed/queue/redis/redis';
import pg from 'pg';

/** Every row of every table, as text, and the write-ahead log since that moment: what was overwritten is in there still. */
export async function remainsInPostgres(url: string, sinceMs: number): Promise<Map<string, Buffer>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const remains = new Map<string, Buffer>();
    const { rows: tables } = await client.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'",
    );
    for (const { name } of tables) {
      const table = client.escapeIdentifier(name);
      const { rows } = await client.query<{ row: string }>(`select ${table}::text as row from ${table}`);
      remains.set(`table ${name}`, Buffer.from(rows.map(({ row }) => row).join('\n')));
    }
    // Writes it out.
    await client.query('select pg_switch_wal()');
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    const log = await filesIn(join(rows[0]?.data_directory ?? '', 'pg_wal'), sinceMs);
    remains.set('the write-ahead log', Buffer.concat([...log.values()]));
    return remains;
  } finally {
    await client.end();
  }
}

/**
 * Every key's name and value, the snapshot, and the append-only file, which has what was removed or expired as well. Redis compresses
 * values unless it is told not to, and then nothing could be found in them.
 */
export async function remainsInRedis(url: string): Promise<Map<string, Buffer>> {
  const redis = connectRedis(url, 'jobs', () => {});
  await whenReady(redis, 10_000);
  try {
    await redis.config('SET', 'rdbcompression', 'no');
    await redis.save();
    const keys = await redis.keys('*');
    const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
    const dir = (await redis.config('GET', 'dir')) as string[];
    const files = await filesIn(dir[1] ?? '', 0);
    return new Map([
      ['keys of Redis', Buffer.from(keys.join('\n'))],
      ['values of Redis', Buffer.concat(values.filter((value) => value !== null))],
      ...[...files].map(([name, bytes]) => [`Redis' ${name}`, bytes] as const),
    ]);
  } finally {
    await closeRedis(redis);
  }
}

/** The files below a folder that were written since then. */
async function filesIn(folder: string, sinceMs: number): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, Buffer>();
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    if ((await stat(path)).mtimeMs >= sinceMs) files.set(entry.name, await readFile(path));
  }
  return files;
}
