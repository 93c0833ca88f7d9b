import type { Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';
import { queueName, queuePrefix } from './dialer-queue.ts';

/**
 * The last attempt of a lead, recorded in its job before a byte is sent. The row in PostgreSQL decides; this record serves if PostgreSQL
 * has lost its last writes and the worker has died. It is removed with the job.
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

/** One round trip; none without leads. @returns attempts by lead id, without leads that were never sent */
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
