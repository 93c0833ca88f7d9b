import { type Clock, unsteppedClock } from '@live-feed/core/clock';
import { Prisma } from '../../generated/client.ts';

/** The time that a response needs to reach its caller. */
const DEADLINE_MARGIN = Prisma.sql`interval '1 second'`;

/**
 * Whether an attempt that starts at a moment fits before its caller's deadline, by the database's clock. Only this function decides it
 * for leads that are not promised: before the first attempt, when a lead is released, and when it is started again, which other leads
 * or a hold may delay.
 *
 * After a failure of the dialing system (`DIALER_FAILED`), the next attempt must also be settled before the deadline. Otherwise its
 * caller would get "pending" although the dialing system keeps failing, where the contract says 502.
 *
 * @param before the previous attempt, if there was one. `settleWithin`: the longest time until an attempt's effect is known
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
 * The current time for decisions that cannot be undone: the earlier of the database's clock and the process's. So one clock that is
 * wrong ends nothing too early.
 */
export function agreedNow(clock: Clock = unsteppedClock): Prisma.Sql {
  return Prisma.sql`LEAST(now(), ${new Date(clock.now())}::timestamptz)`;
}
