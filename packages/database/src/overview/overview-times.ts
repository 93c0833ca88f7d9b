import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

export interface TimeSpan {
  readonly from: Date;
  readonly until: Date;
}

/** By the database's clock. */
export interface OverviewTimes {
  readonly now: Date;
  /** Of the company, in which its days begin at midnight; UTC for all companies. */
  readonly timeZone: string;
  readonly lastHour: TimeSpan;
  /** From midnight on. */
  readonly today: TimeSpan;
  /** Up to the same time of day; so is the same day last week. */
  readonly yesterday: TimeSpan;
  readonly lastWeek: TimeSpan;
}

/** @param companyId undefined: all companies */
export async function readOverviewTimes(
  database: Database,
  companyId: string | undefined,
): Promise<OverviewTimes> {
  const [row] = await database.$queryRaw<Row[]>`
    SELECT now() AS now, zone AS "timeZone", ${midnight(0)} AS today,
      ${midnight(1)} AS yesterday, ${sameTime(1)} AS "yesterdayUntil", ${midnight(7)} AS "lastWeek", ${sameTime(7)} AS "lastWeekUntil"
    FROM (SELECT COALESCE((SELECT time_zone FROM companies WHERE id = ${companyId ?? null}::uuid), 'UTC') AS zone) AS known`;
  if (row === undefined) throw new Error('PostgreSQL returned no row for its time.');
  const { now, timeZone } = row;
  return {
    ...{ now, timeZone },
    lastHour: { from: new Date(now.getTime() - HOUR_MS), until: now },
    today: { from: row.today, until: now },
    yesterday: { from: row.yesterday, until: row.yesterdayUntil },
    lastWeek: { from: row.lastWeek, until: row.lastWeekUntil },
  };
}

const HOUR_MS = 3_600_000;

type Row = Pick<OverviewTimes, 'now' | 'timeZone'> &
  Readonly<Record<'today' | 'yesterday' | 'yesterdayUntil' | 'lastWeek' | 'lastWeekUntil', Date>>;

const midnight = (daysAgo: number) =>
  Prisma.sql`(date_trunc('day', now() AT TIME ZONE zone) - ${daysAgo}::int * interval '1 day') AT TIME ZONE zone`;

const sameTime = (daysAgo: number) =>
  Prisma.sql`(now() AT TIME ZONE zone - ${daysAgo}::int * interval '1 day') AT TIME ZONE zone`;
