import { startStopwatch } from '@live-feed/core/clock';
import type { LeadProducer } from '@live-feed/queue/lead-producer';

/** @param onAdded told how long each job took to be added */
export function timedProducer(producer: LeadProducer, onAdded: (tookMs: number) => void): LeadProducer {
  return {
    ...producer,
    async add(job) {
      const sinceCall = startStopwatch();
      const leadId = await producer.add(job);
      onAdded(sinceCall.elapsedMs());
      return leadId;
    },
  };
}
