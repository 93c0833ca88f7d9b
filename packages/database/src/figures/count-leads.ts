import type { Clock } from '@live-feed/core/clock';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { agreedNow } from '../leads/sql/lead-times.ts';

/**
 * How many leads of a company ended in which way, by the minute in which they were received, the campaign, the source (label of the key),
 * the reason and the time until they ended. Leads under way are not counted.
 *
 * A trigger writes what a statement changes to `lead_changes`, in the same commit as the outcome, whichever statement it is; workers add
 * that to `lead_figures`. So leads that end at the same moment wait for no common row, and the figures are exact whoever dies. They are
 * kept by minute for two days, by hour for two months, by day for thirteen months; hours and days are those of the company's time zone.
 * A late change of an old lead comes as a minute again, and is rolled up like the others.
 */

const MINUTES_KEPT = Prisma.sql`interval '2 days'`;
const HOURS_KEPT = Prisma.sql`interval '62 days'`;
const DAYS_KEPT = Prisma.sql`interval '396 days'`;

const COLUMNS = Prisma.sql`company_id, period, begins_at, campaign_id, source, state, reason, within_ms`;

/** In the order of the key, so that two workers which add to the same rows do not wait for each other in a circle. */
const ADD = Prisma.sql`
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
  ON CONFLICT (${COLUMNS}) DO UPDATE SET leads = known.leads + EXCLUDED.leads`;

/** Adds what has changed. @returns how many changes; at most `limit` */
export async function addChanges(database: Database, limit: number): Promise<number> {
  return numberOf(
    await database.$queryRaw`
    WITH taken AS (
      DELETE FROM lead_changes USING (SELECT id FROM lead_changes ORDER BY id LIMIT ${limit} FOR UPDATE SKIP LOCKED) AS oldest
      WHERE lead_changes.id = oldest.id RETURNING lead_changes.*
    ), added AS (
      INSERT INTO lead_figures AS known (${COLUMNS}, leads)
      SELECT company_id, 'minute', received_at, campaign_id, source, state, reason, within_ms, sum(leads)
      FROM taken JOIN companies ON companies.id = company_id ${ADD}
    )
    SELECT count(*)::int AS number FROM taken`,
  );
}

/** Makes hours of old minutes, and days of old hours. @returns how many rows there were; at most twice `limit` */
export async function rollUp(database: Database, limit: number, clock?: Clock): Promise<number> {
  const now = agreedNow(clock);
  const hours = await rollUpInto('hour', 'minute', Prisma.sql`${now} - ${MINUTES_KEPT}`, database, limit);
  return hours + (await rollUpInto('day', 'hour', Prisma.sql`${now} - ${HOURS_KEPT}`, database, limit));
}

async function rollUpInto(
  period: 'hour' | 'day',
  from: 'minute' | 'hour',
  before: Prisma.Sql,
  database: Database,
  limit: number,
): Promise<number> {
  return numberOf(
    await database.$queryRaw`
    WITH old AS (
      SELECT ${COLUMNS} FROM lead_figures WHERE period = ${from} AND begins_at < ${before}
      ORDER BY begins_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ), taken AS (
      DELETE FROM lead_figures AS known USING old
      WHERE (known.company_id, known.period, known.begins_at, known.campaign_id) = (old.company_id, old.period, old.begins_at, old.campaign_id)
        AND (known.source, known.state, known.reason, known.within_ms) = (old.source, old.state, old.reason, old.within_ms)
      RETURNING known.*
    ), added AS (
      INSERT INTO lead_figures AS known (${COLUMNS}, leads)
      SELECT company_id, ${period}, date_trunc(${period}, begins_at, time_zone), campaign_id, source, state, reason, within_ms, sum(leads)
      FROM taken JOIN companies ON companies.id = company_id ${ADD}
    )
    SELECT count(*)::int AS number FROM taken`,
  );
}

/** Removes days that are too old. @returns how many rows; at most `limit` */
export async function forgetFigures(database: Database, limit: number, clock?: Clock): Promise<number> {
  return database.$executeRaw`
    DELETE FROM lead_figures WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM lead_figures WHERE period = 'day' AND begins_at < ${agreedNow(clock)} - ${DAYS_KEPT} LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ))`;
}

function numberOf(rows: unknown): number {
  const [row] = rows as { readonly number: number }[];
  if (row === undefined) throw new Error('PostgreSQL returned no row for a count.');
  return row.number;
}
