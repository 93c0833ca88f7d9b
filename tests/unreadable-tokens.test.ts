import { randomBytes } from 'node:crypto';
import { parseKeyring } from '@live-feed/core/sealing';
import { createDatabase, type Database } from '@live-feed/database/client';
import { createLeadLoaders } from '@live-feed/dialers/lead-loaders';
import { createDialerDirectory } from '@live-feed/worker/dialer-directory';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addCompany } from './support/company.ts';
import { useDatabase } from './support/database.ts';

const server = useDatabase();
const loaders = createLeadLoaders();
let database: Database;

beforeAll(() => {
  database = createDatabase({
    url: server.url,
    poolSize: 1,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    applicationName: 'test',
  });
});
afterAll(async () => {
  await loaders.close();
  await database?.$disconnect();
});

const newKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;

test('a worker whose SEAL_KEYS lack the key of a token says so, once for each token', async () => {
  const environment = { SEAL_KEYS: newKey('k1') };
  const { dialerId } = await addCompany({ database, environment, simulatorUrl: 'http://127.0.0.1:1' });
  const told: unknown[] = [];
  const directory = createDialerDirectory(database, loaders, parseKeyring(newKey('k2')), ({ id }, error) =>
    told.push([id, error]),
  );
  await directory.refresh();
  await directory.refresh();
  expect(directory.known(dialerId)?.account).toBeUndefined();
  expect(told).toEqual([[dialerId, expect.objectContaining({ code: 'SEAL_KEY_UNKNOWN' })]]);
});
