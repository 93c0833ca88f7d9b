import { noteProgress } from '@live-feed/database/audit/change-progress';
import { repeat } from '@live-feed/runtime/repeat';
import type { Context } from '../../operation.ts';

/** So that a change whose batch takes long is not taken for dead. */
const EVERY_MS = 5_000;

interface Watching {
  /** Aborted when nobody waits any more, or somebody stops it. */
  readonly signal: AbortSignal;
  /** Tells how many things there are, once they are counted. */
  readonly counted: (of: number) => Promise<void>;
  /** Tells how much was gone through, after each batch. */
  readonly gone: (done: number) => Promise<void>;
}

/** Carries out work that people can watch and stop from anywhere, from its first moment on. */
export async function watched<Result>(
  { database, entryId, signal, progress }: Pick<Context, 'database' | 'entryId' | 'signal' | 'progress'>,
  work: (watching: Watching) => Promise<Result>,
): Promise<Result> {
  const stopped = new AbortController();
  let [done, of] = [0, 0];
  async function note(): Promise<void> {
    if (entryId !== null && (await noteProgress(database, entryId, { done, of }))) stopped.abort();
  }
  // While PostgreSQL is away, the work fails by itself.
  const noting = repeat(note, EVERY_MS, () => undefined);
  try {
    return await work({
      signal: AbortSignal.any([signal, stopped.signal]),
      async counted(all) {
        of = all;
        await note();
      },
      async gone(through) {
        done = through;
        progress(done, of);
        await note();
      },
    });
  } finally {
    await noting.stop();
  }
}
