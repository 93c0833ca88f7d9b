import { type HealthCheckOptions, startHealthCheck } from '@live-feed/database/connection/health-check';
import type { EmbeddedPostgres } from '@live-feed/tools/services/postgres';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { startTestPostgres } from '../../kit/services/database.ts';
import { waitFor } from '../../kit/wait-for.ts';
import { openSession } from './session.ts';

/** A health check on its own PostgreSQL, which is broken in ways that only a write notices. */

let postgres: EmbeddedPostgres & { readonly databaseUrl: string };
let operator: pg.Client;
beforeAll(async () => {
  // A server that never waits for the disk does not wait for a standby either.
  postgres = await startTestPostgres({ durable: true });
});
afterAll(() => postgres?.stop());
beforeEach(async () => {
  operator = await openSession(postgres.databaseUrl);
});
afterEach(() => setServer({ default_transaction_read_only: 'off', synchronous_standby_names: '' }));

async function setServer(settings: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    await operator.query(`ALTER SYSTEM SET ${name} = '${value}'`);
  }
  await operator.query('SELECT pg_reload_conf()');
}

async function start(options: Partial<HealthCheckOptions> = {}) {
  const told: string[] = [];
  const health = await startHealthCheck({
    url: postgres.databaseUrl,
    applicationName: 'health-check',
    intervalMs: 20,
    limitMs: 1_000,
    onTrouble: (why) => told.push(why),
    onRecovery: () => told.push('well'),
    ...options,
  });
  onTestFinished(() => health.stop());
  return { health, told };
}

const sessions = async (): Promise<{ pid: number; waits: string | null; query: string }[]> =>
  (
    await operator.query(
      "SELECT pid, wait_event_type AS waits, query FROM pg_stat_activity WHERE application_name = 'health-check'",
    )
  ).rows;

describe('a database that answers and does not take writes counts as away', () => {
  test('a read-only server, as a standby is after a failover', async () => {
    let readOnly = 0;
    const { health, told } = await start({
      onReadOnly: () => {
        readOnly += 1;
      },
    });
    expect(health.alive()).toBe(true);
    await setServer({ default_transaction_read_only: 'on' });
    await waitFor(() => !health.alive(), { what: 'the health check to notice' });
    expect(health.why()).toMatch(/does not take writes: it is read-only/);
    expect(readOnly).toBeGreaterThan(0);
    await operator.query('SET default_transaction_read_only = off');
    await setServer({ default_transaction_read_only: 'off' });
    await waitFor(() => health.alive(), { what: 'the health check to recover' });
    expect(told).toEqual(['well', expect.stringMatching(/read-only/), 'well']);
  });

  test('a synchronous standby that is lost: commits hang, and do not pile up on the server', async () => {
    const { health } = await start();
    await operator.query("SET synchronous_commit = 'local'");
    await setServer({ synchronous_standby_names: 'gone' });
    await waitFor(() => !health.alive(), { what: 'the health check to notice' });
    expect(health.why()).toMatch(/does not take writes.*synchronous standby/);
    await waitFor(
      async () => (await sessions()).some(({ waits, query }) => waits === 'Lock' && query !== ''),
      {
        what: 'a heartbeat that waits for the one before',
      },
    );
    expect((await sessions()).filter(({ waits }) => waits === 'IPC')).toHaveLength(1);
    await setServer({ synchronous_standby_names: '' });
    await waitFor(() => health.alive(), { what: 'the health check to recover' });
  });

  test('a full disk, after a statement has met it: an update in place would not notice', async () => {
    await operator.query(`
      CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON heartbeats
        FOR EACH ROW WHEN (length(NEW.padding) > 100000) EXECUTE FUNCTION no_room()`);
    const { health } = await start();
    expect(health.alive()).toBe(true);
    health.checkNow(Object.assign(new Error('no room'), { code: '53100' }));
    await waitFor(() => !health.alive(), { what: 'the health check to notice' });
    expect(health.why()).toBe('the database does not take writes: its disk is full');
    await operator.query('DROP FUNCTION no_room CASCADE');
    await waitFor(() => health.alive(), { what: 'the health check to recover' });
    await waitFor(
      async () => (await operator.query('SELECT FROM heartbeats WHERE padding IS NOT NULL')).rowCount === 0,
      { what: 'the padding to go' },
    );
  });
});

describe('it stays alive', () => {
  test('when one heartbeat is late', async () => {
    const { health, told } = await start();
    const holder = await openSession(postgres.databaseUrl);
    await holder.query('BEGIN; SELECT FROM heartbeats FOR UPDATE');
    const late = new Set<number>();
    await waitFor(
      async () => {
        for (const { pid, waits } of await sessions()) if (waits === 'Lock') late.add(pid);
        return late.size === 2;
      },
      { what: 'the second try, on another connection' },
    );
    await holder.query('COMMIT');
    await health.stop();
    expect(told).toEqual(['well']);
  });

  test('when its connection is ended', async () => {
    const { told } = await start({ intervalMs: 100 });
    const ended = new Set<number>();
    await waitFor(async () => {
      const { rows } = await operator.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE application_name = 'health-check' AND state = 'idle' AND query LIKE '%INTO heartbeats%'`,
      );
      const fresh = rows.find(({ pid }) => !ended.has(pid));
      if (fresh === undefined) return false;
      ended.add(fresh.pid);
      await operator.query('SELECT pg_terminate_backend($1)', [fresh.pid]);
      return ended.size >= 5;
    });
    expect(told).toEqual(['well']);
  });
});

describe('what is wrong is named from the start, again when it changes, and without the password', () => {
  const edited = (edit: (url: URL) => void) => {
    const url = new URL(postgres.databaseUrl);
    edit(url);
    return url.href;
  };

  test.each<[RegExp, (url: URL) => void]>([
    [
      /named in DATABASE_URL does not exist/,
      (url) => {
        url.pathname = '/nowhere';
      },
    ],
    [
      /refuses the password/,
      (url) => {
        url.password = 'hunter2';
      },
    ],
    [
      /nothing listens/,
      (url) => {
        url.port = '1';
      },
    ],
    [
      /the host in DATABASE_URL is not known/,
      (url) => {
        url.hostname = 'nowhere.invalid';
      },
    ],
    [
      /tables are not up to date: run "npm run migrate"/,
      (url) => {
        url.pathname = '/postgres';
      },
    ],
  ])('%s', async (sentence, edit) => {
    const { health, told } = await start({ url: edited(edit) });
    expect(health.alive()).toBe(false);
    expect(health.why()).toMatch(sentence);
    expect(told).toEqual([health.why()]);
    expect(told.join()).not.toContain('hunter2');
  });
});
