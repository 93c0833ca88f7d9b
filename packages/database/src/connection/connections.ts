import pg from 'pg';
import { type ConnectionSettings, readConnectionString } from './settings/connection-string.ts';
import { pinSession } from './settings/session-settings.ts';

export interface ConnectionOptions {
  /** See `readConnectionString`. */
  readonly url: string;
  /** Time limit of a statement, on the server and here; 0: none. */
  readonly statementTimeoutMs: number;
  /** Time limit to wait for a locked row; by default a statement's own. It has no effect behind a pooler. */
  readonly lockTimeoutMs?: number;
  /** Time limit to open a connection; the URL's `connect_timeout` takes precedence. */
  readonly connectTimeoutMs: number;
  /** Shown in pg_stat_activity; the URL's takes precedence. */
  readonly applicationName: string;
}

/** Added to the server's limit here, for a server that no longer answers. */
const ANSWER_MS = 500;

/**
 * The settings of every connection. The startup packet contains nothing that poolers refuse.
 *
 * @throws ConnectionStringError
 */
export function connectionConfig(options: ConnectionOptions): {
  readonly settings: ConnectionSettings;
  readonly config: pg.ClientConfig;
  /** Await it after a connection is opened. */
  readonly prepare: (client: pg.ClientBase) => Promise<void>;
} {
  const settings = readConnectionString(options.url);
  const { statementTimeoutMs, lockTimeoutMs = 0, connectTimeoutMs, applicationName } = options;
  return {
    settings,
    config: {
      application_name: applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
      ...(statementTimeoutMs === 0 ? {} : { query_timeout: statementTimeoutMs + ANSWER_MS }),
      keepAlive: true,
      ...settings.config,
    },
    prepare: (client) => pinSession(client, { ...settings, statementTimeoutMs, lockTimeoutMs }),
  };
}

/**
 * A connection that the caller owns and ends. If it is lost, the query under way fails.
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

/** The connection's transactions go to different sessions, but `pgbouncer=true` is missing. */
export class PoolerModeError extends Error {
  override readonly name = 'PoolerModeError';

  constructor() {
    super('DATABASE_URL leads through a pooler in transaction mode: add pgbouncer=true to its parameters');
  }
}

const PROBE_MS = 5_000;

/**
 * Behind a pooler, a connection's process id is not a PostgreSQL backend's. If another connection can get the session that this one just
 * used, connections share sessions, and with them settings, locks and prepared statements.
 */
async function expectOwnSession(client: pg.Client, config: pg.ClientConfig): Promise<void> {
  const used = await backendOf(client);
  if (used === (client as { processID?: number }).processID) return;
  const other = newClient({ ...config, query_timeout: PROBE_MS });
  try {
    await other.connect();
    if ((await backendOf(other)) === used) throw new PoolerModeError();
  } catch (error) {
    // A pooler without another session to give is in session mode.
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

/** Ends a connection that may not answer, without waiting. */
export function abandonConnection(client: pg.Client): void {
  void client.end().catch(() => {});
  client.connection.stream.destroy();
}
