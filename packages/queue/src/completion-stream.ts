import { type LeadOutcome, leadOutcomeSchema } from '@live-feed/core/lead-outcome';
import { z } from 'zod';
import { isReady, type Redis } from './redis.ts';

/**
 * Completion events: a stream per ingress. One entry carries all of an upload's leads that this ingress waits for, so the cost
 * does not grow with replicas × leads, and what happens during a dropped connection is read afterwards. Events only
 * hurry things along: whoever misses one finds the outcome in the lead's row.
 */

/** An entry is of no use to anybody once its callers have been answered. */
const KEEP_MS = 60_000;
/** A stream whose ingress is gone disappears. */
const EXPIRE_MS = 120_000;
const BLOCK_MS = 1_000;
const READ_COUNT = 200;

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
    pipeline.xadd(stream, 'MINID', '~', nowMs - KEEP_MS, '*', 'm', JSON.stringify(outcomes));
    pipeline.pexpire(stream, EXPIRE_MS);
  }
  await pipeline.exec();
}

export interface CompletionReader {
  close(): Promise<void>;
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
): CompletionReader {
  let closing = false;
  let lastId = '0-0';

  async function run() {
    while (!closing) {
      try {
        const answer = await redis.xread('COUNT', READ_COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', stream, lastId);
        for (const [, entries] of answer ?? []) for (const [id, fields] of entries) deliver(id, fields);
      } catch (error) {
        if (closing) return;
        onError(error);
        await untilBack();
      }
    }
  }

  function deliver(id: string, fields: readonly string[]) {
    lastId = id;
    try {
      onOutcomes(entrySchema.parse(JSON.parse(fields[1] ?? '')));
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
      closing = true;
      redis.disconnect();
      await running;
    },
  };
}
