import { findOpenJobs } from '@live-feed/database/upkeep/reconciler';
import { createLeadProducer, type LeadProducer } from '@live-feed/queue/jobs/lead-producer';
import type { Resources } from '../resources.ts';

/** @throws Refusal if Redis cannot be reached */
async function withProducer<Result>(
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
 * Removes the jobs of leads that have ended. If Redis cannot be reached they stay, and do no harm: the worker that takes one finds the end in
 * the row.
 */
export async function discardJobs(
  { redis }: Pick<Resources, 'redis'>,
  leads: readonly { readonly id: string; readonly dialerId: string }[],
): Promise<void> {
  if (leads.length === 0) return;
  await withProducer({ redis }, (producer) =>
    Promise.all(leads.map(({ dialerId, id }) => producer.discard(dialerId, id))),
  ).catch(() => undefined);
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
