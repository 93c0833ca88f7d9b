import pg from 'pg';
import { abandonConnection, type ConnectionOptions, connectionConfig } from './connections.ts';
import { saysCannotWrite, saysReadOnly } from './trouble.ts';

export interface PoolOptions extends ConnectionOptions {
  /** Maximum number of connections. */
  readonly poolSize: number;
  /** A statement failed because the server is read-only, full, stopping, or does not answer. */
  readonly onServerFault?: (error: unknown) => void;
}

export interface ConnectionPool {
  readonly pool: pg.Pool;
  readonly schema: string;
  readonly pooled: boolean;
  /** Replaces every open connection; those in use when they are returned. */
  renew(): void;
}

/**
 * A pool that closes unusable connections: those to a server that has become read-only, as after a failover, those that do not answer,
 * and those left within a transaction. A read-only or silent server replaces all connections.
 *
 * @throws ConnectionStringError
 */
export function createPool(options: PoolOptions): ConnectionPool {
  const { settings, config, prepare } = connectionConfig(options);
  const pool = new pg.Pool({
    ...config,
    max: options.poolSize,
    // This also drops prepared plans that are no longer used.
    maxLifetimeSeconds: 3_600,
    onConnect: prepare,
  });
  const openedAt = new WeakMap<pg.PoolClient, number>();
  let renewedAt = Number.NEGATIVE_INFINITY;

  function renew(): void {
    renewedAt = performance.now();
    // A pool closes a connection only when it is returned.
    for (let idle = pool.idleCount; idle > 0; idle -= 1) {
      pool.connect().then(
        (client) => client.release(),
        () => {},
      );
    }
  }

  pool.on('connect', (client) => openedAt.set(client, performance.now()));
  pool.on('release', (error, client) => {
    if (error) {
      if (saysReadOnly(error) || saysSilent(error)) renew();
      if (saysCannotWrite(error) || saysSilent(error)) options.onServerFault?.(error);
    } else if ((openedAt.get(client) ?? 0) <= renewedAt || client.getTransactionStatus() !== 'I') {
      abandonConnection(client);
    }
  });
  readAgain(pool);
  return { pool, schema: settings.schema, pooled: settings.pooled, renew };
}

/** The driver's time limit: the server did not even report its own. */
function saysSilent(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** A lost connection is no outage: a statement that only reads is sent once more on another connection. */
function readAgain(pool: pg.Pool): void {
  const send = pool.query.bind(pool) as (...statement: unknown[]) => Promise<unknown>;
  const query = async (...statement: unknown[]) => {
    try {
      return await send(...statement);
    } catch (error) {
      if (!saysLost(error) || !onlyReads(statement[0])) throw error;
      return await send(...statement);
    }
  };
  pool.query = query as typeof pool.query;
}

function onlyReads(statement: unknown): boolean {
  const text = typeof statement === 'string' ? statement : (statement as { text?: unknown }).text;
  return typeof text === 'string' && /^\s*SELECT\b/i.test(text) && !/\bFOR (NO KEY )?UPDATE\b/i.test(text);
}

function saysLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string') {
    return /^(57P01|57P05|25P03|08006|08003|ECONNRESET|EPIPE)$/.test(error.code);
  }
  return /^Connection terminated( unexpectedly)?$|is not queryable$/.test(error.message);
}
