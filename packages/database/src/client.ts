import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.ts';
import { createStatementNames } from './statement-names.ts';
import { readTableSizes } from './table-sizes.ts';
import { saysCannotWrite } from './trouble.ts';

export type Database = PrismaClient;

export interface DatabaseOptions {
  readonly url: string;
  /** Connections kept open at most. */
  readonly poolSize: number;
  /** How long a statement may run on the server, and its answer take to arrive. */
  readonly statementTimeoutMs: number;
  /** How long a connection may take to open, or to become free. */
  readonly connectTimeoutMs: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** A connection was lost while nobody used it. The pool replaces it by itself. */
  readonly onConnectionLost?: (error: Error) => void;
  /** A statement failed in a way that says something of the server: it is read-only, full, stopping, or does not answer. */
  readonly onServerFault?: (error: unknown) => void;
  /** Given, once, what tells how the pool is used at any moment. */
  readonly onPool?: (use: () => PoolUse) => void;
}

/** Connections at this moment; `waiting` counts who waits for one to become free. */
export interface PoolUse {
  readonly busy: number;
  readonly idle: number;
  readonly waiting: number;
}

/** Opens no connection until it is used; `$disconnect()` closes them all. */
export function createDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: options.connectTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    // The server's limit cannot end a wait for a server that no longer answers.
    query_timeout: options.statementTimeoutMs + 500,
    keepAlive: true,
    // With it go the plans that a connection has kept and that nobody uses any more.
    maxLifetimeSeconds: 3_600,
    application_name: options.applicationName,
  });
  pool.on('release', (error) => {
    if (saysCannotWrite(error)) options.onServerFault?.(error);
  });
  options.onPool?.(() => ({
    busy: pool.totalCount - pool.idleCount,
    idle: pool.idleCount,
    waiting: pool.waitingCount,
  }));
  const adapter = new PrismaPg(pool, {
    disposeExternalPool: true,
    onPoolError: (error) => options.onConnectionLost?.(error),
    statementNameGenerator: createStatementNames(() => readTableSizes(pool)),
  });
  return new PrismaClient({ adapter });
}
