import { startStopwatch } from '@live-feed/core/clock';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { LeadProducer } from '@live-feed/queue/jobs/lead-producer';

/** @param onAdded called for each job that has been added, with the time it took */
export function watchedProducer(
  producer: LeadProducer,
  onAdded: (job: LeadJob, tookMs: number) => void,
): LeadProducer {
  return {
    ...producer,
    async add(job) {
      const sinceCall = startStopwatch();
      const leadId = await producer.add(job);
      onAdded(job, sinceCall.elapsedMs());
      return leadId;
    },
  };
}
