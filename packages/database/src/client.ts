import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.ts';

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
}

/** Opens no connection until it is used; `$disconnect()` closes them all. */
export function createDatabase(options: DatabaseOptions): Database {
  const adapter = new PrismaPg(
    {
      connectionString: options.url,
      max: options.poolSize,
      connectionTimeoutMillis: options.connectTimeoutMs,
      statement_timeout: options.statementTimeoutMs,
      // The server's limit cannot end a wait for a server that no longer answers.
      query_timeout: options.statementTimeoutMs + 500,
      keepAlive: true,
      application_name: options.applicationName,
    },
    { onPoolError: (error) => options.onConnectionLost?.(error) },
  );
  return new PrismaClient({ adapter });
}
