import { type Clock, unsteppedClock } from '@live-feed/core/clock';
import { Prisma } from '../generated/client.ts';

/** A waiting caller's lead is not begun later than this before its deadline: its answer could not arrive in time. */
export const DEADLINE_MARGIN = Prisma.sql`interval '1 second'`;

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
