import { type LeadOutcome, leadOutcomeSchema } from '@live-feed/core/lead/lead-outcome';
import { z } from 'zod';
import type { Redis } from '../redis/redis.ts';
import { BEGINNING, ENTRY_FIELD, readStream, type StreamReader } from './stream-reader.ts';

/**
 * Completion events: a stream per ingress. One entry has all of an upload's leads that this ingress waits for, so the cost does not grow
 * with replicas × leads. Entries written while a connection is down are read afterwards. Events only save time: an ingress that misses one
 * finds the outcome in the lead's row.
 */

/** No caller waits longer. */
const KEEP_MS = 60_000;
/** The stream of an ingress that has ended expires. */
const EXPIRE_MS = 120_000;

const entrySchema = z.array(leadOutcomeSchema);

export function completionStream(ingressId: string): string {
  return `lf:completions:${ingressId}`;
}

/** @param byStream outcomes by the stream of the ingress that waits for them */
export type PublishCompletions = (byStream: ReadonlyMap<string, readonly LeadOutcome[]>) => Promise<void>;

/**
 * The age of entries is taken from the ids that Redis gave to earlier ones, never from this machine's clock: with a clock a minute ahead,
 * every entry would be removed at once.
 */
export function createCompletionPublisher(redis: Redis): PublishCompletions {
  let publishedMs: number | undefined;

  /** Not in a pipeline with other streams: in a cluster they are on other servers. */
  async function append(stream: string, outcomes: readonly LeadOutcome[]): Promise<void> {
    const entry = ['*', ENTRY_FIELD, JSON.stringify(outcomes)] as const;
    const [id] = await Promise.all([
      publishedMs === undefined
        ? redis.xadd(stream, ...entry)
        : redis.xadd(stream, 'MINID', '~', publishedMs - KEEP_MS, ...entry),
      redis.pexpire(stream, EXPIRE_MS),
    ]);
    const idMs = Number.parseInt(String(id), 10);
    if (Number.isFinite(idMs)) publishedMs = idMs;
  }

  return async (byStream) => {
    await Promise.all([...byStream].map(([stream, outcomes]) => append(stream, outcomes)));
  };
}

/**
 * Reads a stream from its beginning: the key must be new, unique to this process.
 *
 * @param redis connected for the role `stream`; owned by the caller
 */
export function readCompletions(
  redis: Redis,
  stream: string,
  onOutcomes: (outcomes: readonly LeadOutcome[]) => void,
  onError: (error: unknown) => void,
): StreamReader {
  return readStream(redis, {
    stream,
    from: async () => BEGINNING,
    onEntry: (text) => onOutcomes(entrySchema.parse(JSON.parse(text))),
    onError,
  });
}
