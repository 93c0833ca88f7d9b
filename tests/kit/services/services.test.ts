import { migrate } from '@live-feed/database/schema/migrate';
import { expect, test } from 'vitest';
import { waitFor } from '../wait-for.ts';
import { createTestDatabase, useDatabase } from './database.ts';
import { useRedis } from './redis.ts';

const database = useDatabase();
const redis = useRedis();

test('every caller has a database of its own, with the migrations applied', async () => {
  const other = await createTestDatabase();
  expect(other.url).not.toBe(database.url);
  expect(await migrate(other.url)).toEqual({ applied: [] });
  await other.drop();
  await expect(migrate(other.url)).rejects.toThrow(/does not exist/);
});

test('a Redis is there', () => {
  expect(redis.url).toContain(`127.0.0.1:${redis.server.port}`);
});

test('waitFor tells what it waited for, and why it gave up', async () => {
  await expect(waitFor(() => 'value')).resolves.toBe('value');
  const never = waitFor(() => Promise.reject(new Error('refused')), {
    timeoutMs: 1,
    what: 'a listening port',
  });
  await expect(never).rejects.toMatchObject({ message: /a listening port/, cause: { message: 'refused' } });
});
