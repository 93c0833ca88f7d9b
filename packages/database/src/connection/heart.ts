import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { abandonConnection, openConnection } from './connections.ts';
import { LateError } from './trouble.ts';

/** The cheapest write that shows that the database takes writes: a row of this process's own, updated in place and committed. */
export interface Heart {
  /**
   * @param deep writes pages that are new to the table as well: a full disk refuses these first
   * @returns now on the database's clock, milliseconds since the epoch
   * @throws LateError if it was not committed in time; its connection is gone then, as after any other error
   */
  beat(deep: boolean): Promise<number>;
  close(): void;
}

export interface HeartOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Of this process: its row. */
  readonly id: string;
  /** For a beat, opening the connection included. */
  readonly limitMs: number;
}

/** One implicit transaction, so that the limit holds behind every pooler. Both texts are ours: hexadecimal digits. */
const beatStatement = (id: string, padding: string | null, limitMs: number) => `
  SET LOCAL statement_timeout = ${limitMs};
  INSERT INTO heartbeats (id, beaten_at, padding) VALUES ('${id}', clock_timestamp(), ${padding === null ? 'NULL' : `'${padding}'`})
  ON CONFLICT (id) DO UPDATE SET beaten_at = EXCLUDED.beaten_at, padding = EXCLUDED.padding
  RETURNING (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::float8 AS now`;

/** Rows of processes that are gone. */
const FORGET = "DELETE FROM heartbeats WHERE beaten_at < clock_timestamp() - interval '1 day'";

/** As hex, twice as much: 16 pages. */
const PADDING_BYTES = 65_536;

/**
 * It has a connection of its own, so that it never waits for others' statements. Only one beat at a time. Where commits hang, the first one keeps
 * its row locked on the server, and those after it are refused there: they do not pile up.
 */
export function createHeart({ url, applicationName, id, limitMs }: HeartOptions): Heart {
  const statementTimeoutMs = Math.ceil(limitMs * 0.9);
  let connection: pg.Client | undefined;
  let phase: 'connecting' | 'writing' = 'connecting';
  let generation = 0;
  let forgotten = false;

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
      throw new Error('This connection was given up.');
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
    const answers: unknown = await client.query(beatStatement(id, padding, statementTimeoutMs));
    if (!forgotten) await client.query(FORGET);
    forgotten = true;
    return nowOf(answers);
  }

  return {
    async beat(deep) {
      try {
        return await within(limitMs, write(deep), () => phase);
      } catch (error) {
        drop();
        throw error;
      }
    },
    close: drop,
  };
}

/** Several statements have several answers; the last one is the beat's. */
function nowOf(answers: unknown): number {
  const beat = (answers as pg.QueryResult<{ now: number }>[]).at(-1);
  return beat?.rows[0]?.now ?? Number.NaN;
}

async function within<T>(ms: number, work: Promise<T>, phase: () => LateError['phase']): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // An event loop that stood still runs its timers first: an answer that is there already must not come too late.
    timer = setTimeout(() => setImmediate(() => reject(new LateError(phase(), ms))), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
