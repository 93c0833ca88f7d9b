import { type Clock, unsteppedClock } from '@live-feed/core/clock';
import { Prisma } from '../../generated/client.ts';

/** The time that an answer needs to reach its caller. */
const DEADLINE_MARGIN = Prisma.sql`interval '1 second'`;

/**
 * Whether an attempt that begins at a moment fits before its caller's deadline, by the database's clock. This is the one place that decides
 * it, for leads that are not promised: before the first attempt, when a lead is released, and when it is begun again, which may be
 * later than planned (behind other leads, or a hold).
 *
 * Where the dialing system failed the attempt before (`DIALER_FAILED`), the next one has to be settled before the deadline as well. Else a
 * caller would receive "pending" about a dialing system that keeps failing, where the contract says 502.
 *
 * @param before the attempt before, if there was one. `settleWithin`: the longest that an attempt can take until its effect is known
 */
export function fitsBeforeDeadline(
  deadline: Prisma.Sql,
  beginsAt: Prisma.Sql,
  before?: { readonly reason: Prisma.Sql; readonly settleWithin: Prisma.Sql },
): Prisma.Sql {
  const latest = Prisma.sql`${deadline} - ${DEADLINE_MARGIN}`;
  if (before === undefined) return Prisma.sql`(${beginsAt} <= ${latest})`;
  const { reason, settleWithin } = before;
  return Prisma.sql`(${beginsAt} + CASE WHEN ${reason} = 'DIALER_FAILED' THEN ${settleWithin} ELSE interval '0' END <= ${latest})`;
}

export function ms(duration: number): Prisma.Sql {
  return Prisma.sql`${duration}::float8 * interval '1 millisecond'`;
}

/**
 * Now, for what cannot be undone: the database's clock and this process' have to agree that a time has passed. One of them set
 * wrong ends nothing too early.
 */
export function agreedNow(clock: Clock = unsteppedClock): Prisma.Sql {
  return Prisma.sql`LEAST(now(), ${new Date(clock.now())}::timestamptz)`;
}
