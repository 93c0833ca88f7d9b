import { createDatabase, type Database, type DatabaseOptions } from '@live-feed/database/connection/client';
import { migrate } from '@live-feed/database/schema/migrate';
import { ensureDatabase } from '@live-feed/tools/services/databases';
import { type EmbeddedPostgres, startPostgres } from '@live-feed/tools/services/postgres';
import { afterAll, beforeAll, inject } from 'vitest';
import type { HandedOutDatabase } from './database-broker.ts';

export interface TestDatabase {
  readonly url: string;
  /** Removes it, ending the sessions that use it. */
  drop(): Promise<void>;
}

/** A migrated, empty database of the caller's own, on the PostgreSQL that all test files share. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { name, url } = JSON.parse(await ask('POST', '/')) as HandedOutDatabase;
  return {
    url,
    async drop() {
      await ask('DELETE', `/${name}`);
    },
  };
}

/** A database for the tests of the surrounding `describe` or file. Its URL may be read from `beforeAll` on. */
export function useDatabase(): { readonly url: string } {
  let database: TestDatabase | undefined;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database?.drop());
  return {
    get url() {
      if (!database)
        throw new Error('The database is there from beforeAll on: read its url in a hook or a test.');
      return database.url;
    },
  };
}

/** A test's own connections to a database; who opens them closes them. */
export function connectDatabase(
  url: string,
  poolSize = 2,
  more: Pick<DatabaseOptions, 'lockTimeoutMs'> = {},
): Database {
  return createDatabase({
    url,
    poolSize,
    ...more,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    applicationName: 'test',
  });
}

/** A PostgreSQL of the caller's own, for tests that take it away. `databaseUrl` is a migrated, empty database on it. */
export async function startTestPostgres({
  durable = false,
} = {}): Promise<EmbeddedPostgres & { readonly databaseUrl: string }> {
  const server = await startPostgres({ durable });
  try {
    const databaseUrl = await ensureDatabase(server.url, 'live_feed');
    await migrate(databaseUrl);
    return { ...server, databaseUrl };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function ask(method: string, path: string): Promise<string> {
  const { url, authorization } = inject('databaseBroker');
  const response = await fetch(`${url}${path}`, { method, headers: { authorization } });
  const text = await response.text();
  if (!response.ok) throw new Error(`The test database broker answered ${response.status}: ${text}`);
  return text;
}
