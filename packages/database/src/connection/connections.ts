import pg from 'pg';
import { type ConnectionSettings, readConnectionString } from './settings/connection-string.ts';
import { pinSession } from './settings/session-settings.ts';

export interface ConnectionOptions {
  /** See `readConnectionString`. */
  readonly url: string;
  /** How long a statement may run on the server, and its answer take to arrive; 0: no limit. */
  readonly statementTimeoutMs: number;
  /** How long a connection may take to open; the URL's `connect_timeout` counts more. */
  readonly connectTimeoutMs: number;
  /** Shown in pg_stat_activity; the URL's counts more. */
  readonly applicationName: string;
}

/** The server's limit cannot end a wait for a server that no longer answers. */
const ANSWER_MS = 500;

/**
 * How every connection is opened. Nothing goes into the startup packet that poolers refuse.
 *
 * @throws ConnectionStringError
 */
export function connectionConfig(options: ConnectionOptions): {
  readonly settings: ConnectionSettings;
  readonly config: pg.ClientConfig;
  /** To be awaited once a connection is open. */
  readonly prepare: (client: pg.ClientBase) => Promise<void>;
} {
  const settings = readConnectionString(options.url);
  const { statementTimeoutMs, connectTimeoutMs, applicationName } = options;
  return {
    settings,
    config: {
      application_name: applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
      ...(statementTimeoutMs === 0 ? {} : { query_timeout: statementTimeoutMs + ANSWER_MS }),
      keepAlive: true,
      ...settings.config,
    },
    prepare: (client) => pinSession(client, { ...settings, statementTimeoutMs }),
  };
}

/**
 * A connection of the caller's own, who ends it. Its loss fails the query that is under way.
 *
 * @throws PoolerModeError
 */
export async function openConnection(options: ConnectionOptions): Promise<pg.Client> {
  const { settings, config, prepare } = connectionConfig(options);
  const client = newClient(config);
  try {
    await client.connect();
    if (!settings.pooled) await expectOwnSession(client, config);
    await prepare(client);
    return client;
  } catch (error) {
    abandonConnection(client);
    throw error;
  }
}

/** Transactions of one connection are given to different sessions, and `pgbouncer=true` does not say so. */
export class PoolerModeError extends Error {
  override readonly name = 'PoolerModeError';

  constructor() {
    super('DATABASE_URL leads through a pooler in transaction mode: add pgbouncer=true to its parameters');
  }
}

const PROBE_MS = 5_000;

/**
 * Behind a pooler a connection's process is none of PostgreSQL's. If another connection can have the session that this one has just used, it is not
 * this one's own: what is set, locked or prepared there would be others', too.
 */
async function expectOwnSession(client: pg.Client, config: pg.ClientConfig): Promise<void> {
  const used = await backendOf(client);
  if (used === (client as { processID?: number }).processID) return;
  const other = newClient({ ...config, query_timeout: PROBE_MS });
  try {
    await other.connect();
    if ((await backendOf(other)) === used) throw new PoolerModeError();
  } catch (error) {
    // A pool that has no other session to give is in session mode.
    if (error instanceof PoolerModeError) throw error;
  } finally {
    abandonConnection(other);
  }
}

async function backendOf(client: pg.Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid;
}

function newClient(config: pg.ClientConfig): pg.Client {
  const client = new pg.Client(config);
  client.on('error', () => {});
  return client;
}

/** For a connection that may not answer: a goodbye, and no wait for what comes back. */
export function abandonConnection(client: pg.Client): void {
  void client.end().catch(() => {});
  client.connection.stream.destroy();
}
