import { openConnection } from '@live-feed/database/connection/connections';
import pg from 'pg';

/**
 * Creates a database on the server of `serverUrl` unless it exists, as a copy of `template` if given (nobody may be connected to the
 * template meanwhile). Returns the database's URL.
 */
export async function ensureDatabase(serverUrl: string, name: string, template?: string): Promise<string> {
  await onServer(serverUrl, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount !== 0) return;
    const from = template === undefined ? '' : ` TEMPLATE ${pg.escapeIdentifier(template)}`;
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}${from}`);
  });
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

/** Removes a database and ends its sessions. No error if it does not exist. */
export async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  await onServer(serverUrl, async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
  });
}

async function onServer(serverUrl: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = await openConnection({
    url: serverUrl,
    connectTimeoutMs: 10_000,
    statementTimeoutMs: 60_000,
    applicationName: 'live-feed-tools',
  });
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
