import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { migrate } from '@live-feed/database/schema/migrate';
import { dropDatabase, ensureDatabase } from '@live-feed/tools/services/databases';
import { type EmbeddedPostgres, startPostgres } from '@live-feed/tools/services/postgres';

/**
 * Hands out databases to the test files, which run in processes of their own. The one PostgreSQL behind it starts with the
 * first database that is asked for: a run that needs none does not wait for it.
 */
export interface DatabaseBroker {
  readonly address: DatabaseBrokerAddress;
  /** Ends PostgreSQL, and with it every database that was handed out. */
  close(): Promise<void>;
}

export interface DatabaseBrokerAddress {
  readonly url: string;
  /** Keeps other users of the machine out. */
  readonly authorization: string;
}

/** What the broker answers to `POST /`; `DELETE /<name>` gives it back. */
export interface HandedOutDatabase {
  readonly name: string;
  readonly url: string;
}

const template = 'template_live_feed';

export async function startDatabaseBroker(): Promise<DatabaseBroker> {
  const authorization = `Bearer ${randomBytes(24).toString('base64url')}`;
  const databases = lazyServer();
  const server = createServer((request, response) => {
    const answer =
      request.headers.authorization === authorization
        ? handle(databases, request)
        : Promise.resolve({ status: 401 });
    answer
      .catch((error: unknown) => ({ status: 500, body: { message: String(error) } }))
      .then(({ status, body }: Answer) => send(response, status, body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: { url: `http://127.0.0.1:${port}`, authorization },
    async close() {
      server.closeAllConnections();
      server.close();
      await databases.stop();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

async function handle(databases: LazyServer, request: IncomingMessage): Promise<Answer> {
  const server = await databases.get();
  if (request.method === 'POST') {
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    const url = await ensureDatabase(server.url, name, template);
    return { status: 201, body: { name, url } satisfies HandedOutDatabase };
  }
  if (request.method === 'DELETE' && request.url?.startsWith('/test_')) {
    await dropDatabase(server.url, request.url.slice(1));
    return { status: 204 };
  }
  return { status: 404 };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

interface LazyServer {
  get(): Promise<EmbeddedPostgres>;
  stop(): Promise<void>;
}

/** PostgreSQL with a migrated database to copy, started by the first `get`. */
function lazyServer(): LazyServer {
  let starting: Promise<EmbeddedPostgres> | undefined;
  return {
    get: () => (starting ??= startMigrated()),
    async stop() {
      const server = await starting?.catch(() => undefined); // who asked for it was told
      await server?.stop();
    },
  };
}

async function startMigrated(): Promise<EmbeddedPostgres> {
  const server = await startPostgres({ durable: false });
  try {
    await migrate(await ensureDatabase(server.url, template));
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}
