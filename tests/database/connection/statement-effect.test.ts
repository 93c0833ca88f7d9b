import { setTimeout as delay } from 'node:timers/promises';
import { createDatabase, type Database } from '@live-feed/database/connection/client';
import { effectOf, foundNoConnection, isRefusedInput } from '@live-feed/database/connection/statement-effect';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestPostgres } from '../../kit/services/database.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** What the driver, the pool and PostgreSQL say when a statement fails, and what it means for what was written. */

let postgres: Awaited<ReturnType<typeof startTestPostgres>>;
let database: Database;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
beforeEach(async () => {
  await connect({});
});

/** One connection, opened; with time for everything, unless told otherwise. */
async function connect(times: { readonly statementTimeoutMs?: number; readonly connectTimeoutMs?: number }) {
  await database?.$disconnect();
  database = createDatabase({
    url: postgres.databaseUrl,
    poolSize: 1,
    statementTimeoutMs: 20_000,
    connectTimeoutMs: 20_000,
    applicationName: 'test',
    ...times,
  });
  await waitFor(() => database.$queryRaw`SELECT 1`);
}

afterEach(() => database.$disconnect());
afterAll(() => postgres?.stop());

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail.');
}

const sleep = (seconds: number) => database.$queryRaw`SELECT pg_sleep(${seconds}::float8)::text`;
/** One that only reads is sent again when its connection ends. */
const writeSlowly = (seconds: number) =>
  database.$executeRaw`WITH gone AS (DELETE FROM leads) SELECT pg_sleep(${seconds}::float8)`;
const write = () => database.$executeRaw`DELETE FROM leads`;

async function restart(): Promise<void> {
  await waitFor(() => postgres.restart().then(() => true), { what: 'the start of PostgreSQL', everyMs: 200 });
}

describe('a statement that failed has changed nothing', () => {
  test('PostgreSQL cancelled it', async () => {
    await connect({ statementTimeoutMs: 1_000 });
    expect(effectOf(await errorOf(sleep(30)))).toBe('none');
  });

  test('PostgreSQL does not write', async () => {
    await database.$executeRaw`SET default_transaction_read_only = on`;
    expect(effectOf(await errorOf(write()))).toBe('none');
  });

  test('PostgreSQL refused what it was given', async () => {
    const error = await errorOf(database.$queryRaw`SELECT ${'no number'}::int`);
    expect([effectOf(error), isRefusedInput(error)]).toEqual(['none', true]);
  });

  test('no connection became free', async () => {
    await connect({ connectTimeoutMs: 500 });
    const holding = database.$transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT 1`;
      await delay(2_000);
    });
    const error = await waitFor(async () => {
      const failed = await write().catch((failure: unknown) => failure);
      return failed instanceof Error && failed;
    });
    expect([effectOf(error), foundNoConnection(error), isRefusedInput(error)]).toEqual(['none', true, false]);
    await holding;
  });

  test('PostgreSQL was not there', async () => {
    await postgres.kill();
    const error = await errorOf(write());
    await restart();
    expect([effectOf(error), foundNoConnection(error)]).toEqual(['none', false]);
  });
});

describe('a statement that failed may have been carried out', () => {
  test('its answer did not arrive in time', async () => {
    await connect({ statementTimeoutMs: 3_000 });
    await database.$executeRaw`SET statement_timeout = 0`;
    expect(effectOf(await errorOf(sleep(30)))).toBe('unknown');
  });

  test('its session was ended', async () => {
    const ended = database.$queryRaw`SELECT pg_terminate_backend(pg_backend_pid())::text`;
    expect(effectOf(await errorOf(ended))).toBe('unknown');
  });

  test('PostgreSQL died meanwhile', async () => {
    const failing = errorOf(writeSlowly(15));
    const observer = new pg.Client(postgres.databaseUrl);
    observer.on('error', () => {}); // it is killed
    await observer.connect();
    const begun = `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'`;
    await waitFor(async () => (await observer.query(begun)).rowCount, { what: 'a statement under way' });
    await postgres.kill();
    expect(effectOf(await failing)).toBe('unknown');
    await restart();
  });

  test('something else than the database failed', () => {
    expect(effectOf(new Error('a fault of ours'))).toBe('unknown');
    expect(effectOf(undefined)).toBe('unknown');
  });
});
