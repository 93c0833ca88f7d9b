import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../generated/client.ts';
import { createPool, type PoolOptions } from './pool.ts';
import { createStatementNames } from './statement-names.ts';
import { readTableSizes } from './table-sizes.ts';

export type Database = PrismaClient;

export interface DatabaseOptions extends PoolOptions {
  /** An idle connection was lost. The pool replaces it. */
  readonly onConnectionLost?: (error: Error) => void;
  /** Called once, with a handle of the pool. */
  readonly onPool?: (pool: PoolHandle) => void;
}

export interface PoolHandle {
  readonly use: () => PoolUse;
  /** Replaces every connection: for when the server behind the address is known to be another one. */
  readonly renew: () => void;
}

/** Connections at this moment; `waiting` counts who waits for one to become free. */
export interface PoolUse {
  readonly busy: number;
  readonly idle: number;
  readonly waiting: number;
}

/**
 * Opens no connection until it is used; `$disconnect()` closes them all.
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
  const adapter = new PrismaPg(pool, {
    disposeExternalPool: true,
    schema,
    onPoolError: (error) => options.onConnectionLost?.(error),
    // A pooler that gives each transaction another session knows no statement that was prepared in one before.
    ...(pooled ? {} : { statementNameGenerator: createStatementNames(() => readTableSizes(pool)) }),
  });
  return new PrismaClient({ adapter });
}
