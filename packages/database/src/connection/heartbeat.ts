import { randomBytes } from 'node:crypto';
import { within } from '@live-feed/core/within';
import type pg from 'pg';
import { abandonConnection, openConnection } from './connections.ts';
import { LateError } from './trouble.ts';

/** A small write to check that the database takes writes: it updates this process's row in `heartbeats`. One heartbeat at a time. */
export interface Heartbeat {
  /**
   * @param deep also adds pages to the table, which a full disk refuses first
   * @returns the database's clock, milliseconds since the epoch
   * @throws LateError if the write was not committed in time. Any error closes the connection
   */
  send(deep: boolean): Promise<number>;
  close(): void;
}

export interface HeartbeatOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** The id of this process's row. */
  readonly id: string;
  /** Time limit of a heartbeat, including the time to connect. */
  readonly limitMs: number;
}

/** One implicit transaction, so that the limit holds behind every pooler. `id` and `padding` are hexadecimal digits that we made. */
const heartbeatStatement = (id: string, padding: string | null, limitMs: number) => `
  SET LOCAL statement_timeout = ${limitMs};
  INSERT INTO heartbeats (id, beaten_at, padding) VALUES ('${id}', clock_timestamp(), ${padding === null ? 'NULL' : `'${padding}'`})
  ON CONFLICT (id) DO UPDATE SET beaten_at = EXCLUDED.beaten_at, padding = EXCLUDED.padding
  RETURNING (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::float8 AS now`;

/** Removes the rows of processes that have ended. */
const REMOVE_OLD = "DELETE FROM heartbeats WHERE beaten_at < clock_timestamp() - interval '1 day'";

/** 128 KiB in hexadecimal: 16 pages. */
const PADDING_BYTES = 65_536;

/**
 * It has its own connection, so that it never waits for other statements. If commits hang, the first heartbeat keeps its row locked, and
 * later ones time out on the server while they wait for the lock, so they do not accumulate.
 */
export function createHeartbeat({ url, applicationName, id, limitMs }: HeartbeatOptions): Heartbeat {
  const statementTimeoutMs = Math.ceil(limitMs * 0.9);
  let connection: pg.Client | undefined;
  let phase: 'connecting' | 'writing' = 'connecting';
  let generation = 0;
  let removedOld = false;

  function drop(): void {
    generation += 1;
    if (connection !== undefined) abandonConnection(connection);
    connection = undefined;
  }

  async function connect(): Promise<pg.Client> {
    phase = 'connecting';
    const wanted = generation;
    const client = await openConnection({
      url,
      applicationName,
      connectTimeoutMs: limitMs,
      statementTimeoutMs,
    });
    if (wanted !== generation) {
      abandonConnection(client);
      throw new Error('This connection was abandoned.');
    }
    client.on('error', () => {
      if (connection === client) connection = undefined;
    });
    connection = client;
    return client;
  }

  async function write(deep: boolean): Promise<number> {
    const client = connection ?? (await connect());
    phase = 'writing';
    const padding = deep ? randomBytes(PADDING_BYTES).toString('hex') : null;
    const results: unknown = await client.query(heartbeatStatement(id, padding, statementTimeoutMs));
    if (!removedOld) await client.query(REMOVE_OLD);
    removedOld = true;
    return nowOf(results);
  }

  return {
    async send(deep) {
      try {
        return await within(write(deep), limitMs, () => {
          throw new LateError(phase, limitMs);
        });
      } catch (error) {
        drop();
        throw error;
      }
    },
    close: drop,
  };
}

/** Each statement has a result; the last one is the heartbeat's. */
function nowOf(results: unknown): number {
  const heartbeat = (results as pg.QueryResult<{ now: number }>[]).at(-1);
  return heartbeat?.rows[0]?.now ?? Number.NaN;
}
