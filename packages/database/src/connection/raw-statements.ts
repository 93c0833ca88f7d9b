import pg from 'pg';
import { Prisma } from '../generated/client.ts';

/** PostgreSQL refused a statement. Without its details, which have values in them. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
  /** SQLSTATE. */
  readonly code: string;

  constructor({ code, message }: pg.DatabaseError) {
    super(`${message} (${code})`);
    this.code = code ?? '';
  }
}

export type QueryRaw = <Rows>(
  statement: TemplateStringsArray | Prisma.Sql,
  ...values: unknown[]
) => Promise<Rows>;

/**
 * Prisma's `$queryRaw` without Prisma: the same arguments and the same values in the rows, for a third of the time. A lead has three of these
 * statements. Those of a transaction are Prisma's own.
 *
 * @param nameOf a prepared statement's name, if it may have one
 */
export function createQueryRaw(
  pool: pg.Pool,
  nameOf: ((statement: { readonly sql: string }) => string) | undefined,
): QueryRaw {
  return async <Rows>(
    statement: TemplateStringsArray | Prisma.Sql,
    ...inserted: unknown[]
  ): Promise<Rows> => {
    const { text, values } = statement instanceof Prisma.Sql ? statement : Prisma.sql(statement, ...inserted);
    const name = nameOf?.({ sql: text });
    try {
      const { rows } = await pool.query({
        text,
        values,
        types: VALUES,
        ...(name === undefined ? {} : { name }),
      });
      return rows as Rows;
    } catch (error) {
      throw error instanceof pg.DatabaseError ? new StatementError(error) : error;
    }
  };
}

const { builtins, getTypeParser } = pg.types;

/** Where the driver's values are not Prisma's. */
const AS_PRISMA = new Map<number, (text: string) => unknown>([
  [builtins.INT8, BigInt],
  [builtins.DATE, (day) => new Date(`${day}T00:00:00Z`)],
]);

const VALUES: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => AS_PRISMA.get(oid) ?? getTypeParser(oid, format as 'text'),
};
