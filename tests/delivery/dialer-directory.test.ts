import { randomBytes } from 'node:crypto';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import type { Database } from '@live-feed/database/connection/client';
import { createLeadLoaders } from '@live-feed/dialers/lead-loaders';
import { createDialerDirectory } from '@live-feed/worker/dialer/dialer-directory';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';
import { addCompany } from '../kit/system/company.ts';

const server = useDatabase();
const loaders = createLeadLoaders();
let database: Database;

beforeAll(() => {
  database = connectDatabase(server.url);
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

test('what is added, changed or removed is known after the next look; a look that finds nothing new reads no dialer', async () => {
  const environment = { SEAL_KEYS: newKey('k1') };
  const directory = createDialerDirectory(database, loaders, parseKeyring(environment.SEAL_KEYS), () => {});
  const reading = vi.spyOn(database.dialer, 'findMany');
  await directory.refresh();
  const { dialerId } = await addCompany({ database, environment, simulatorUrl: 'http://127.0.0.1:1' });
  expect(directory.known(dialerId)).toBeUndefined();
  await directory.refresh();
  const added = directory.known(dialerId);
  expect(added?.record).toMatchObject({ id: dialerId });
  expect(reading).toHaveBeenCalledTimes(2);

  await directory.refresh();
  expect(directory.known(dialerId)).toBe(added);
  expect(reading).toHaveBeenCalledTimes(2);

  await database.dialer.update({ where: { id: dialerId }, data: { maxInFlight: 3 } });
  await directory.refresh();
  expect(directory.known(dialerId)?.record.maxInFlight).toBe(3);

  await database.dialer.delete({ where: { id: dialerId } });
  await directory.refresh();
  expect(directory.known(dialerId)).toBeUndefined();
});
