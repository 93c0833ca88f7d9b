import { type LeadJob, leadJobSchema } from '@live-feed/core/lead/lead-job';
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
        if (payload === undefined) continue;
        if (await exchange(queue, job.id ?? '', payload)) exchanged += 1;
      }
      if (jobs.length < PAGE) break;
    }
  }
  return exchanged;
}

/**
 * Nothing but the payload is touched: a newer release may keep more in a job than this one knows.
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
