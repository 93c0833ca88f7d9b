import { firstIdAt } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/**
 * What is kept for a while only. Ids are in the order of time, so what is old is one end of the primary key, and a page costs the same
 * however many leads there are. An id has the time of the process that made it, which may have been wrong: what is removed is old by
 * the times that the database has as well. What needs a person stays, however old it is.
 */

export interface Page {
  /** Received and ended, or uploaded, before this time; milliseconds since the epoch. */
  readonly beforeMs: number;
  /** Only what comes after this id; undefined from the beginning. */
  readonly afterId?: string | undefined;
  /** Looked at, at most. */
  readonly limit: number;
}

export interface Purged {
  readonly seen: number;
  readonly removed: number;
  /** The last id that was looked at; null where there was nothing to look at. */
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

/** Clocks of different machines differ by less: an upload's id is not older by more than the leads that it held. */
const CLOCKS_DIFFER_MS = 3_600_000;

/**
 * Removes the uploads of a page that no lead names. To be called when `purgeLeads` has gone through everything before that time: the
 * leads that are left there, and whose uploads stay, are those few that need a person.
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
  if (row === undefined) throw new Error('A count without a row.');
  return row;
}
