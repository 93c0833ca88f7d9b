import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../generated/client.ts';
import { createPool, type PoolOptions } from './pool.ts';
import { createQueryRaw, type QueryRaw } from './raw-statements.ts';
import { createStatementNames } from './statement-names.ts';
import { readTableSizes } from './table-sizes.ts';

/** `$queryRaw` is this package's own, see `raw-statements.ts`. */
export type Database = Omit<PrismaClient, '$queryRaw'> & { readonly $queryRaw: QueryRaw };

export interface DatabaseOptions extends PoolOptions {
  /** An idle connection was lost. The pool replaces it. */
  readonly onConnectionLost?: (error: Error) => void;
  /** Called once. */
  readonly onPool?: (pool: PoolHandle) => void;
}

export interface PoolHandle {
  readonly use: () => PoolUse;
  /** Replaces every connection, for when the address leads to another server now. */
  readonly renew: () => void;
}

/** Connections now; `waiting` counts statements that wait for one. */
export interface PoolUse {
  readonly busy: number;
  readonly idle: number;
  readonly waiting: number;
}

/**
 * Connects at first use; `$disconnect()` closes every connection.
 *
 * @throws ConnectionStringError
 */
export function createDatabase(options: DatabaseOptions): Database {
  const { pool, schema, pooled, renew } = createPool(options);
  options.onPool?.({
    use: () => ({
      busy: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    renew,
  });
  pool.on('error', (error) => options.onConnectionLost?.(error));
  // Behind a pooler in transaction mode, the next transaction's session does not know this one's prepared statements.
  const nameOf = pooled ? undefined : createStatementNames(() => readTableSizes(pool));
  const adapter = new PrismaPg(pool, {
    schema,
    ...(nameOf === undefined ? {} : { statementNameGenerator: nameOf }),
  });
  const client = new PrismaClient({ adapter });
  const own = {
    $queryRaw: createQueryRaw(pool, nameOf),
    // Prisma makes the client of a transaction from the client that it is called on: that one's `$queryRaw` has to be Prisma's.
    $transaction: client.$transaction.bind(client),
    async $disconnect() {
      await client.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
  return new Proxy(client, { get: (target, name) => Reflect.get(name in own ? own : target, name) });
}
