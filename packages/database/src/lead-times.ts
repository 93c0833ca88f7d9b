import { Prisma } from './generated/client.ts';

/** A waiting caller's lead is not begun later than this before its deadline: its answer could not arrive in time. */
export const DEADLINE_MARGIN = Prisma.sql`interval '1 second'`;

export function ms(duration: number): Prisma.Sql {
  return Prisma.sql`${duration}::float8 * interval '1 millisecond'`;
}
