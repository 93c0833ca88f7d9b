import { Client } from 'pg';
import { waitFor } from '../../kit/wait-for.ts';
import { CannotArrange, type Fault } from '../fault.ts';
import { DEADLINE_MS, type TestedSystem } from '../system/tested-system.ts';
import { untilUploading } from './processes.ts';

const KILLED_FOR_MS = 10_000;
/** Longer than callers wait: their deadlines pass meanwhile. */
const PAST_THE_DEADLINE_MS = DEADLINE_MS + 5_000;
const END_SESSIONS = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'live-feed-%'`;

export const postgresFaults: readonly Fault[] = [
  {
    name: 'postgres-restarted',
    what: 'PostgreSQL restarted',
    target: 'PostgreSQL',
    lastsMs: 0,
    async strike({ system }) {
      await startAgain(system);
      return async () => {};
    },
  },
  {
    name: 'postgres-killed',
    what: 'PostgreSQL killed for 10 s',
    target: 'PostgreSQL',
    lastsMs: KILLED_FOR_MS,
    async strike({ system }) {
      await system.postgres.kill();
      return () => startAgain(system);
    },
  },
  {
    name: 'postgres-read-only',
    what: 'PostgreSQL reads and does not write',
    target: 'PostgreSQL',
    lastsMs: PAST_THE_DEADLINE_MS,
    async strike({ system }) {
      const set = (value: string) => configure(system, 'default_transaction_read_only', value);
      await set('on');
      return () => set('off');
    },
  },
  {
    name: 'postgres-disk-full',
    what: 'every write refused for want of disk space',
    target: 'PostgreSQL',
    lastsMs: PAST_THE_DEADLINE_MS,
    strike: ({ system }) => refuseWrites(system),
  },
  {
    name: 'postgres-standby-lost',
    what: 'commits wait for a synchronous standby that is lost',
    target: 'PostgreSQL',
    lastsMs: PAST_THE_DEADLINE_MS,
    async strike({ system }) {
      const set = (value: string) => configure(system, 'synchronous_standby_names', value);
      await set('lost');
      return () => set('');
    },
  },
  {
    name: 'postgres-silent',
    what: 'connections to PostgreSQL gone silent',
    target: 'PostgreSQL',
    lastsMs: 0,
    async strike({ system: { postgresProxy } }) {
      postgresProxy.silence();
      return async () => {};
    },
  },
  {
    name: 'postgres-sessions-ended',
    what: 'all sessions at PostgreSQL ended',
    target: 'PostgreSQL',
    lastsMs: 0,
    async strike({ system: { postgres } }) {
      const client = await connect(postgres.url);
      await client.query(END_SESSIONS);
      await client.end();
      return async () => {};
    },
  },
  {
    name: 'postgres-forgets',
    what: 'rows of leads that are being sent are forgotten, as by a failover',
    target: 'PostgreSQL',
    lastsMs: 0,
    async strike({ system }) {
      await untilUploading(system);
      const client = await connect(system.databaseUrl);
      await client.query(`DELETE FROM leads WHERE state = 'SENDING' AND NOT promised`);
      await client.end();
      return async () => {};
    },
  },
  {
    name: 'postgres-connections-used-up',
    what: 'connections of PostgreSQL used up',
    target: 'PostgreSQL',
    async strike({ system }) {
      const clients = await useUpConnections(system);
      return async () => {
        await Promise.all(clients.map((client) => client.end()));
      };
    },
  },
  {
    name: 'postgres-anis-locked',
    what: 'the table of ANIs locked',
    target: 'PostgreSQL',
    async strike({ system }) {
      const client = await connect(system.databaseUrl);
      await client.query('BEGIN; LOCK TABLE anis IN ACCESS EXCLUSIVE MODE');
      return () => client.end();
    },
  },
  {
    name: 'postgres-commits-late',
    what: 'PostgreSQL commits promises 2 s late, after its answer was given up',
    target: 'PostgreSQL',
    async strike({ system }) {
      const client = await connect(system.databaseUrl);
      await run(
        client,
        `CREATE FUNCTION commit_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$`,
        `CREATE CONSTRAINT TRIGGER commit_late AFTER INSERT ON leads DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
          WHEN (NEW.promised) EXECUTE FUNCTION commit_late()`,
      );
      return async () => {
        await run(client, 'DROP FUNCTION commit_late CASCADE');
        await client.end();
      };
    },
  },
];

async function run(client: Client, ...statements: string[]): Promise<void> {
  for (const statement of statements) await client.query(statement);
}

/** After a kill its children may hold the shared memory for a moment longer. */
async function startAgain({ postgres }: TestedSystem): Promise<void> {
  await waitFor(() => postgres.restart().then(() => true), { what: 'the start of PostgreSQL', everyMs: 200 });
}

/** For all sessions, from now on; ours may write whatever is set. */
async function configure({ postgres }: TestedSystem, setting: string, value: string): Promise<void> {
  const client = await connect(postgres.url);
  await client.query('SET default_transaction_read_only = off; SET synchronous_commit = local');
  await client.query(`ALTER SYSTEM SET ${setting} = '${value}'`);
  await client.query('SELECT pg_reload_conf()');
  await client.end();
}

/** As PostgreSQL says it when a table cannot grow. @returns makes room again */
async function refuseWrites({ databaseUrl }: TestedSystem): Promise<() => Promise<void>> {
  const client = await connect(databaseUrl);
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  await client.query(`
    CREATE OR REPLACE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$`);
  const onAll = async (statement: (table: string) => string) => {
    for (const { name } of rows) await client.query(statement(name));
  };
  await onAll(
    (table) =>
      `CREATE TRIGGER no_space BEFORE INSERT OR UPDATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION no_space()`,
  );
  return async () => {
    await onAll((table) => `DROP TRIGGER no_space ON ${table}`);
    await client.end();
  };
}

/** Takes what is free, then ends the system's own connections and takes those before it gets them back. */
async function useUpConnections({ postgres }: TestedSystem): Promise<Client[]> {
  const clients = [await connect(postgres.url)];
  const [first] = clients;
  await takeFree(postgres.url, clients);
  const before = clients.length;
  await first?.query(END_SESSIONS);
  await takeFree(postgres.url, clients);
  if (clients.length > before) return clients;
  await Promise.all(clients.map((client) => client.end()));
  throw new CannotArrange('the system was quicker to get its connections back');
}

async function takeFree(url: string, clients: Client[]): Promise<void> {
  for (;;) {
    try {
      clients.push(await connect(url));
    } catch {
      return; // there are no more
    }
  }
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 10_000, query_timeout: 30_000 });
  client.on('error', () => {}); // PostgreSQL may be taken away under it
  await client.connect();
  return client;
}
