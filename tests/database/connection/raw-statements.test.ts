import type { Database } from '@live-feed/database/connection/client';
import { StatementError } from '@live-feed/database/connection/raw-statements';
import { Prisma } from '@live-feed/database/generated/client';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../../kit/services/database.ts';

const server = useDatabase();
let database: Database;

beforeAll(() => {
  database = connectDatabase(server.url);
});
afterAll(() => database?.$disconnect());

test('values go in and come out as with Prisma', async () => {
  const moment = new Date('2026-11-30T23:59:59.123Z');
  const id = '019a3f6e-7c1b-7d20-9a57-1f0c8e2b4d61';
  const statement = Prisma.sql`
    SELECT ${id}::uuid AS id, ${[id, id]}::uuid[] AS ids, ${['a,b', 'c"d', 'e\\f', '']}::text[] AS texts, ${'x'}::char(10) AS chars,
      ${'QUEUED'}::lead_state AS state, ${7}::int AS int, ${1.5}::float8 AS float, ${2n ** 60n}::bigint AS bigint,
      ${true} AND ${false} AS boolean, ${moment}::timestamptz AS moment, ${moment}::timestamptz(3) AS "inMs",
      '2026-11-30'::date AS day, ${JSON.stringify({ a: [1, 'ä'] })}::jsonb AS json, ${null}::text AS nothing, count(*) AS count
    FROM (SELECT 1) AS one WHERE ${Prisma.sql`${1}::int = ${1}::int`}`;
  const rows = await database.$queryRaw(statement);
  // Within a transaction it is Prisma's own.
  expect(rows).toEqual(await database.$transaction((prisma) => prisma.$queryRaw(statement)));
  expect(rows).toMatchObject([
    { moment, day: new Date('2026-11-30T00:00:00Z'), bigint: 2n ** 60n, count: 1n },
  ]);
});

test('within a transaction a statement is part of it, and is undone with it', async () => {
  await database.$executeRaw`CREATE TABLE notes (note text)`;
  const undone = database.$transaction(async (transaction) => {
    await transaction.$queryRaw`INSERT INTO notes VALUES ('undone') RETURNING note`;
    expect(await transaction.$queryRaw`SELECT note FROM notes`).toHaveLength(1);
    expect(await database.$queryRaw`SELECT note FROM notes`).toEqual([]);
    throw new Error('undo');
  });
  await expect(undone).rejects.toThrow('undo');
  expect(await database.$queryRaw`SELECT note FROM notes`).toEqual([]);
});

test('an error has its code and no values', async () => {
  await database.$executeRaw`CREATE TABLE phones (phone text PRIMARY KEY)`;
  const add = () => database.$queryRaw`INSERT INTO phones VALUES (${'5551234567'}) RETURNING phone`;
  await add();
  const error = await add().catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(StatementError);
  expect(error).toMatchObject({ code: '23505' });
  expect(JSON.stringify({ ...(error as object), message: String(error) })).not.toContain('5551234567');
});

test('disconnecting ends every connection, also if no model was ever read', async () => {
  const other = connectDatabase(server.url, 3);
  await Promise.all([1, 2, 3].map(() => other.$queryRaw`SELECT pg_sleep(0.1)::text`));
  await other.$disconnect();
  await other.$disconnect();
  const client = new pg.Client(server.url);
  await client.connect();
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'test'`,
  );
  await client.end();
  // That of `database`, which may be two.
  expect(Number(rows[0]?.count)).toBeLessThanOrEqual(2);
});
