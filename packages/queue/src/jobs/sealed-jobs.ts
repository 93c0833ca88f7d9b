import { type LeadJob, leadJobSchema } from '@live-feed/core/lead/lead-job';
import type { InspectedQueue } from './inspected-queue.ts';

/** Finished jobs are never read again. */
const UNFINISHED = ['active', 'wait', 'prioritized', 'delayed'] as const;
const PAGE = 500;

/**
 * Visits a dialer's unfinished jobs and replaces payloads. A job that moves to another list meanwhile may be missed, so call it again until
 * nothing is replaced.
 *
 * @param reseal returns the payload under the current key; undefined leaves the job unchanged
 * @returns how many payloads were replaced
 */
export async function resealJobs(
  queue: InspectedQueue,
  reseal: (job: LeadJob) => string | undefined,
): Promise<number> {
  let exchanged = 0;
  for (const state of UNFINISHED) {
    for (let from = 0; ; from += PAGE) {
      const jobs = await queue.getJobs([state], from, from + PAGE - 1, true);
      for (const job of jobs) {
        // A job that was removed meanwhile has no data.
        const parsed = leadJobSchema.safeParse(job?.data);
        const payload = parsed.success ? reseal(parsed.data) : undefined;
        if (payload === undefined) continue;
        if (await exchange(queue, job.id ?? '', payload)) exchanged += 1;
      }
      if (jobs.length < PAGE) break;
    }
  }
  return exchanged;
}

/**
 * Replaces only the payload, because a newer release may keep other data in the job.
 *
 * @returns false if the job no longer exists
 */
async function exchange(queue: InspectedQueue, jobId: string, payload: string): Promise<boolean> {
  const job = await queue.getJob(jobId);
  if (job === undefined) return false;
  try {
    await job.updateData({ ...job.data, payload });
    return true;
  } catch (error) {
    if ((await queue.getJob(jobId)) === undefined) return false;
    throw error;
  }
}
