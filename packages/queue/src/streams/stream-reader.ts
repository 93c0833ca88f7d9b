import { abandonRedis, isReady, type Redis, readUnlessAborted } from '../redis/redis.ts';

/** Follows a Redis stream, entry by entry, for as long as the process lives: a dropped connection loses nothing. */
export interface StreamReader {
  close(): Promise<void>;
}

export interface StreamReaderOptions {
  readonly stream: string;
  /**
   * The id after which to begin; called until it succeeds. It must be a concrete id: starting at "now" misses entries that are written
   * right after the call.
   */
  readonly from: () => Promise<string>;
  /** Called with the text of each entry. If it throws, `onError` is called, and the next entry follows. */
  readonly onEntry: (text: string) => void;
  readonly onError: (error: unknown) => void;
}

/** Before the first entry. */
export const BEGINNING = '0-0';
/** An entry has one field, its text. */
export const ENTRY_FIELD = 'm';

/** Less than the silence that ends a `stream` connection. */
const BLOCK_MS = 1_000;
const READ_COUNT = 200;

/** @param redis connected for the role `stream`, used for nothing else; owned by the caller. `close` disconnects it */
export function readStream(redis: Redis, options: StreamReaderOptions): StreamReader {
  const { stream, from, onEntry, onError } = options;
  const closing = new AbortController();
  let lastId: string | undefined;

  async function run() {
    while (!closing.signal.aborted) {
      try {
        lastId ??= await from();
        const read = redis.xread('COUNT', READ_COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', stream, lastId);
        const answer = await readUnlessAborted(read, closing.signal);
        for (const [, entries] of answer ?? []) for (const [id, fields] of entries) deliver(id, fields);
      } catch (error) {
        if (closing.signal.aborted) return;
        onError(error);
        await untilBack();
      }
    }
  }

  function deliver(id: string, fields: readonly string[]) {
    lastId = id;
    try {
      onEntry(fields[1] ?? '');
    } catch (error) {
      onError(error);
    }
  }

  /** A read that failed while the connection is up would fail again at once. */
  async function untilBack() {
    await new Promise<void>((resolve) => {
      setTimeout(resolve, isReady(redis) ? 200 : 50);
    });
  }

  const running = run();
  return {
    async close() {
      closing.abort();
      abandonRedis(redis);
      await running;
    },
  };
}

/** The id of a stream's latest entry, or the beginning of an empty one. */
export async function latestId(redis: Redis, stream: string): Promise<string> {
  const [latest] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1);
  return latest?.[0] ?? BEGINNING;
}
