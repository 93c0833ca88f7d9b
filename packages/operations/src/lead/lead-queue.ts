import { findOpenJobs } from '@live-feed/database/upkeep/reconciler';
import { createLeadProducer, type LeadProducer } from '@live-feed/queue/jobs/lead-producer';
import type { Resources } from '../resources.ts';

/** @throws Refusal if Redis cannot be reached */
export async function withProducer<Result>(
  { redis }: Pick<Resources, 'redis'>,
  work: (producer: LeadProducer) => Promise<Result>,
): Promise<Result> {
  const producer = createLeadProducer(await redis(), () => undefined);
  try {
    return await work(producer);
  } finally {
    await producer.close();
  }
}

/**
 * Adds the jobs of open leads at once.
 *
 * @returns false if Redis could not be reached: then the reconciler adds them later
 */
export async function queueLeads(
  { database, redis }: Pick<Resources, 'database' | 'redis'>,
  ids: readonly string[],
): Promise<boolean> {
  if (ids.length === 0) return true;
  try {
    const jobs = await findOpenJobs(database, ids);
    await withProducer({ redis }, (producer) =>
      producer.restore(jobs.map((job) => ({ ...job, replyTo: '' }))),
    );
    return true;
  } catch {
    return false;
  }
}
