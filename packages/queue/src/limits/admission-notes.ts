import { dialerLoadSchema } from '@live-feed/core/limits/dialer-load';
import { z } from 'zod';
import { isReady, type Redis } from '../redis/redis.ts';
import { ENTRY_FIELD, latestId, readStream, type StreamReader } from '../streams/stream-reader.ts';

/**
 * What an ingress needs to forecast whether another lead would be answered in time. All ingresses read it from one stream, so taking a lead
 * needs no extra request. The next note replaces a lost or late one.
 */

const noteSchema = z.discriminatedUnion('kind', [
  /** From a worker: how much waits in its lanes. */
  z.object({ kind: z.literal('loads'), loads: z.array(dialerLoadSchema) }),
  /** From an ingress: the requests that it has refused with Retry-After, and when they are expected back. */
  z.object({
    kind: z.literal('returns'),
    /** The id of the ingress. */
    from: z.string(),
    returns: z.array(
      z.object({
        dialerId: z.string(),
        campaignId: z.string(),
        group: z.string(),
        /** A keyed digest of the request, or of its key. */
        request: z.string(),
        /** Unix time in whole seconds, on the database's clock. */
        second: z.number(),
      }),
    ),
  }),
]);

export type AdmissionNote = z.infer<typeof noteSchema>;
export type ExpectedReturn = Extract<AdmissionNote, { kind: 'returns' }>['returns'][number];

const STREAM = '{lf:admission}:notes';
/** A note is outdated after a few seconds. */
const KEEP_ENTRIES = 500;
const EXPIRE_MS = 60_000;

/** @param redis connected for the role `requests`. While Redis is unavailable nothing is sent, because no lead could be taken either */
export async function notifyIngresses(redis: Redis, note: AdmissionNote): Promise<void> {
  if (!isReady(redis)) return;
  await redis
    .pipeline()
    .xadd(STREAM, 'MAXLEN', '~', KEEP_ENTRIES, '*', ENTRY_FIELD, JSON.stringify(note))
    .pexpire(STREAM, EXPIRE_MS)
    .exec();
}

/** Reads notes written from now on. @param redis connected for the role `stream`, used for nothing else; owned by the caller */
export function readAdmissionNotes(
  redis: Redis,
  onNote: (note: AdmissionNote) => void,
  onError: (error: unknown) => void,
): StreamReader {
  return readStream(redis, {
    stream: STREAM,
    from: () => latestId(redis, STREAM),
    onEntry: (text) => onNote(noteSchema.parse(JSON.parse(text))),
    onError,
  });
}
