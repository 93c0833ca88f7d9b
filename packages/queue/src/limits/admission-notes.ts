import { dialerLoadSchema } from '@live-feed/core/limits/dialer-load';
import { z } from 'zod';
import { isReady, type Redis } from '../redis/redis.ts';
import { ENTRY_FIELD, latestId, readStream, type StreamReader } from '../streams/stream-reader.ts';

/**
 * What the ingresses have to know to tell whether one more lead would be answered in time, in one stream that all of them read: so that taking a
 * lead costs no question. A note that is lost, or comes late, is made up for by the next one.
 */

const noteSchema = z.discriminatedUnion('kind', [
  /** A worker tells how much waits in its lanes. */
  z.object({ kind: z.literal('loads'), loads: z.array(dialerLoadSchema) }),
  /** An ingress tells whom it has told to come back, and when. */
  z.object({
    kind: z.literal('returns'),
    /** The ingress. */
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
/** Notes are of use for seconds. */
const KEEP_ENTRIES = 500;
const EXPIRE_MS = 60_000;

/** @param redis connected for the role `requests`. Nothing is told while Redis is away: nobody could take a lead either */
export async function tellIngresses(redis: Redis, note: AdmissionNote): Promise<void> {
  if (!isReady(redis)) return;
  await redis
    .pipeline()
    .xadd(STREAM, 'MAXLEN', '~', KEEP_ENTRIES, '*', ENTRY_FIELD, JSON.stringify(note))
    .pexpire(STREAM, EXPIRE_MS)
    .exec();
}

/** Notes from now on. @param redis connected for the role `stream`, used for nothing else; owned by the caller */
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
