import type { Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';
import { queueName, queuePrefix } from './dialer-queue.ts';

/**
 * The attempt that a lead's job was last in, noted beside the job before a byte is written. PostgreSQL decides what became of a
 * lead; this is what is left if PostgreSQL has lost its last writes and the worker has died too. It goes with the job.
 */

export interface SentAttempt {
  readonly leadId: string;
  readonly attempt: number;
}

const FIELD = 'sentAttempt';

const noteAttempts = redisScript(new URL('./note-attempts.lua', import.meta.url));

/** One round trip. @param redis connected for the role `requests` */
export async function noteSentAttempts(
  redis: Redis,
  dialerId: string,
  sent: readonly SentAttempt[],
): Promise<void> {
  const keys = sent.map(({ leadId }) => jobKey(dialerId, leadId));
  await noteAttempts.run(redis, keys, [FIELD, ...sent.map(({ attempt }) => attempt)]);
}

/** One round trip, none for no leads. @returns by lead; those that were never sent are missing */
export async function readSentAttempts(
  redis: Redis,
  dialerId: string,
  leadIds: readonly string[],
): Promise<Map<string, number>> {
  const attempts = new Map<string, number>();
  if (leadIds.length === 0) return attempts;
  const pipeline = redis.pipeline();
  for (const leadId of leadIds) pipeline.hget(jobKey(dialerId, leadId), FIELD);
  const answers = (await pipeline.exec()) ?? [];
  leadIds.forEach((leadId, place) => {
    const [error, text] = answers[place] ?? [];
    if (error) throw error;
    if (typeof text === 'string') attempts.set(leadId, Number(text));
  });
  return attempts;
}

function jobKey(dialerId: string, leadId: string): string {
  return `${queuePrefix(dialerId)}:${queueName(dialerId)}:${leadId}`;
}
