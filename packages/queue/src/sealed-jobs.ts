import { type LeadJob, leadJobSchema } from '@live-feed/core/lead-job';
import type { InspectedQueue } from './inspected-queue.ts';

/** Jobs that are still to run; finished ones are never read again. */
const UNFINISHED = ['active', 'wait', 'prioritized', 'delayed'] as const;
const PAGE = 500;

/**
 * Visits the jobs of a dialer that are still to run, and exchanges the payload of those for which there is another. A job changes
 * lists while it is looked for, so one may be missed: visit again until there is nothing to exchange.
 *
 * @param reseal the payload sealed anew; undefined leaves the job as it is
 * @returns how many were exchanged
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
        // One that was removed meanwhile has no data any more.
        const parsed = leadJobSchema.safeParse(job?.data);
        const payload = parsed.success ? reseal(parsed.data) : undefined;
        if (!parsed.success || payload === undefined) continue;
        if (await exchange(queue, job.id ?? '', { ...parsed.data, payload })) exchanged += 1;
      }
      if (jobs.length < PAGE) break;
    }
  }
  return exchanged;
}

/** @returns false for a job that is gone */
async function exchange(queue: InspectedQueue, jobId: string, data: LeadJob): Promise<boolean> {
  const job = await queue.getJob(jobId);
  try {
    await job?.updateData(data);
    return job !== undefined;
  } catch (error) {
    if ((await queue.getJob(jobId)) === undefined) return false;
    throw error;
  }
}
