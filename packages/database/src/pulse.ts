import type { Database } from './client.ts';

/** Whether the database answers, asked all the time so that nobody has to wait to find out. */
export interface DatabasePulse {
  /** True once the database has answered, until it fails to. */
  readonly alive: () => boolean;
  /** Now on the database's clock, whole milliseconds since the epoch: the one clock that deadlines are compared on. */
  readonly now: () => number;
  /** Takes the database for gone until it answers again: for a lost connection. */
  readonly suspect: () => void;
  readonly stop: () => Promise<void>;
}

export interface PulseOptions {
  readonly intervalMs: number;
  /** No answer for so long means gone. */
  readonly limitMs: number;
  /**
   * When the database last answered anybody, on `performance.now()`'s scale. A beat may be late because others are before it,
   * who are answered.
   */
  readonly answeredAt?: () => number;
  readonly onChange?: (alive: boolean, error?: unknown) => void;
}

/** Resolves after the first beat, whatever it found. */
export async function startPulse(database: Database, options: PulseOptions): Promise<DatabasePulse> {
  let alive = false;
  let offsetMs = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> = Promise.resolve();

  function become(next: boolean, error?: unknown) {
    if (next === alive) return;
    alive = next;
    options.onChange?.(next, error);
  }

  async function beat() {
    const asked = Date.now();
    try {
      const rows = await limit(
        database.$queryRaw<
          { now: number }[]
        >`SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::float8 AS now`,
        options.limitMs,
      );
      const answered = Date.now();
      const [row] = rows;
      if (row !== undefined) offsetMs = row.now - (asked + answered) / 2;
      become(true);
    } catch (error) {
      const sinceAnswerMs = performance.now() - (options.answeredAt?.() ?? Number.NEGATIVE_INFINITY);
      if (!alive || sinceAnswerMs >= options.limitMs) become(false, error);
    }
    if (!stopped) timer = setTimeout(nextBeat, options.intervalMs);
  }

  function nextBeat() {
    beating = beat();
  }

  nextBeat();
  await beating;
  return {
    alive: () => alive,
    now: () => Math.round(Date.now() + offsetMs),
    suspect: () => become(false),
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await beating;
    },
  };
}

async function limit<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // An event loop that stood still runs its timers first: an answer that is there already must not come too late.
    timer = setTimeout(
      () => setImmediate(() => reject(new Error(`The database did not answer within ${ms} ms.`))),
      ms,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
