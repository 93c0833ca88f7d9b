import { firstIdAt } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/**
 * Removes old leads and uploads. Ids are in the order of time, so old rows are at one end of the primary key, and a page costs the same
 * for any number of leads. The clock of the process that made an id may have been wrong, so a row must also be old by the database's
 * times. Leads that need a person stay at any age.
 */

export interface Page {
  /** Only leads received and ended, or uploads started, before this time; milliseconds since the epoch. */
  readonly beforeMs: number;
  /** Only rows after this id; undefined: from the beginning. */
  readonly afterId?: string | undefined;
  /** Maximum number of rows read. */
  readonly limit: number;
}

export interface Purged {
  readonly seen: number;
  readonly removed: number;
  /** The last id read; null if there was none. */
  readonly lastId: string | null;
}

/** Removes the final leads of a page. */
export async function purgeLeads(database: Database, page: Page): Promise<Purged> {
  const { beforeMs, afterId = FIRST, limit } = page;
  const rows = await database.$queryRaw<Purged[]>`
    WITH page AS (
      SELECT id FROM leads WHERE id > ${afterId}::uuid AND id < ${firstIdAt(beforeMs)}::uuid ORDER BY id LIMIT ${limit}
    ),
    final AS (
      SELECT leads.id FROM leads JOIN page USING (id)
      WHERE ${isPurgeable(beforeMs)}
      ORDER BY leads.id FOR UPDATE OF leads SKIP LOCKED
    ),
    gone AS (
      DELETE FROM leads USING final WHERE leads.id = final.id RETURNING 1
    )
    SELECT (SELECT count(*) FROM page)::int AS seen, (SELECT count(*) FROM gone)::int AS removed,
      (SELECT id FROM page ORDER BY id DESC LIMIT 1) AS "lastId"`;
  return onlyRow(rows);
}

/** What `purgeLeads` would remove of a page. */
export async function countPurgeableLeads(database: Database, page: Page): Promise<Purged> {
  const { beforeMs, afterId = FIRST, limit } = page;
  const rows = await database.$queryRaw<Purged[]>`
    WITH page AS (
      SELECT * FROM leads WHERE id > ${afterId}::uuid AND id < ${firstIdAt(beforeMs)}::uuid ORDER BY id LIMIT ${limit}
    )
    SELECT count(*)::int AS seen,
      (count(*) FILTER (WHERE ${isPurgeable(beforeMs)}))::int AS removed,
      (SELECT id FROM page ORDER BY id DESC LIMIT 1) AS "lastId"
    FROM page AS leads`;
  return onlyRow(rows);
}

function isPurgeable(beforeMs: number): Prisma.Sql {
  return Prisma.sql`leads.state IN ('ACCEPTED', 'REJECTED', 'FAILED', 'EXPIRED', 'ABANDONED')
    AND GREATEST(leads.received_at, leads.finished_at) < ${new Date(beforeMs)}::timestamptz`;
}

/** Clocks of different machines differ by less, so an upload's id is older than its leads' ids by less. */
const CLOCKS_DIFFER_MS = 3_600_000;

/**
 * Removes the uploads of a page that no lead names. Call it after `purgeLeads` has read everything before that time: then only the few
 * leads that need a person, and their uploads, are left.
 */
export async function purgeUploads(database: Database, page: Page): Promise<Purged> {
  const { beforeMs, afterId = FIRST, limit } = page;
  const rows = await database.$queryRaw<Purged[]>`
    WITH page AS (
      SELECT id, started_at FROM uploads
      WHERE id > ${afterId}::uuid AND id < ${firstIdAt(Math.max(0, beforeMs - CLOCKS_DIFFER_MS))}::uuid
      ORDER BY id LIMIT ${limit}
    ),
    named AS MATERIALIZED (
      SELECT unnest(upload_ids) AS id FROM leads WHERE id < ${firstIdAt(beforeMs)}::uuid
    ),
    gone AS (
      DELETE FROM uploads WHERE id IN (
        SELECT id FROM page WHERE started_at < ${new Date(beforeMs)}::timestamptz EXCEPT SELECT id FROM named
      ) RETURNING 1
    )
    SELECT (SELECT count(*) FROM page)::int AS seen, (SELECT count(*) FROM gone)::int AS removed,
      (SELECT id FROM page ORDER BY id DESC LIMIT 1) AS "lastId"`;
  return onlyRow(rows);
}

const FIRST = firstIdAt(0);

function onlyRow(rows: readonly Purged[]): Purged {
  const [row] = rows;
  if (row === undefined) throw new Error('PostgreSQL returned no row for a count.');
  return row;
}
