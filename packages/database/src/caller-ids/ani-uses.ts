import { Prisma } from '../generated/client.ts';

/**
 * Takes and returns uses of ANIs. An ANI has one count, for the last of the company's days on which it was used; returning a use of an
 * earlier day changes nothing.
 *
 * It is part of the statement that changes the leads. ANIs are locked after leads and always in the same order, so that two statements
 * never wait for each other.
 *
 * @param moves a query with `phone`, `day` and `change`: 1 takes a use, on the present day of its company; -1 returns one
 * @returns common table expressions; the last one updates the ANIs
 */
export function moveUses(moves: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    moves AS (${moves}),
    locked AS (
      SELECT id, phone, used_on FROM anis WHERE phone IN (SELECT phone FROM moves) ORDER BY id FOR NO KEY UPDATE
    ),
    taken AS (SELECT phone, max(day) AS today FROM moves WHERE change > 0 GROUP BY phone),
    moved AS (
      SELECT locked.id, today,
        COALESCE(sum(change) FILTER (WHERE day = today), 0) AS on_today,
        COALESCE(sum(change) FILTER (WHERE day = locked.used_on), 0) AS on_same_day
      FROM locked JOIN moves USING (phone) LEFT JOIN taken USING (phone) GROUP BY locked.id, today
    ),
    counted AS (
      UPDATE anis SET
        used = GREATEST(0, CASE WHEN today IS NOT NULL AND used_on IS DISTINCT FROM today THEN on_today ELSE used + on_same_day END),
        used_on = COALESCE(today, used_on),
        last_assigned_at = CASE WHEN today IS NOT NULL THEN clock_timestamp() ELSE last_assigned_at END
      FROM moved WHERE anis.id = moved.id
    )`;
}

/**
 * Returns the uses of leads that end without a call, for the days on which they were taken.
 *
 * @param leads the name of a table expression of locked or changed leads, with their new `state`, `caller_id` and `ani_used_on`. Leads
 * that do not end keep their uses
 */
export function giveBackUses(leads: Prisma.Sql): Prisma.Sql {
  return moveUses(Prisma.sql`
    SELECT caller_id AS phone, ani_used_on AS day, -1 AS change FROM ${leads}
    WHERE state IN ('REJECTED', 'FAILED', 'EXPIRED', 'ABANDONED') AND ani_used_on IS NOT NULL`);
}
