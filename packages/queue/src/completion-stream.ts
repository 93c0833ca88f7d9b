import { type LeadOutcome, leadOutcomeSchema } from '@live-feed/core/lead-outcome';
import { z } from 'zod';
import type { Redis } from './redis.ts';
import { BEGINNING, ENTRY_FIELD, readStream, type StreamReader } from './stream-reader.ts';

/**
 * Completion events: a stream per ingress. One entry carries all of an upload's leads that this ingress waits for, so the cost
 * does not grow with replicas × leads, and what happens during a dropped connection is read afterwards. Events only
 * hurry things along: whoever misses one finds the outcome in the lead's row.
 */

/** An entry is of no use to anybody once its callers have been answered. */
const KEEP_MS = 60_000;
/** A stream whose ingress is gone disappears. */
const EXPIRE_MS = 120_000;

const entrySchema = z.array(leadOutcomeSchema);

export function completionStream(ingressId: string): string {
  return `lf:completions:${ingressId}`;
}

/** @param byStream outcomes by the stream of the ingress that waits for them */
export async function publishCompletions(
  redis: Redis,
  byStream: ReadonlyMap<string, readonly LeadOutcome[]>,
  nowMs: number,
): Promise<void> {
  const pipeline = redis.pipeline();
  for (const [stream, outcomes] of byStream) {
    pipeline.xadd(stream, 'MINID', '~', nowMs - KEEP_MS, '*', ENTRY_FIELD, JSON.stringify(outcomes));
    pipeline.pexpire(stream, EXPIRE_MS);
  }
  await pipeline.exec();
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
