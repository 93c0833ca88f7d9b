import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { LeadOutcome } from '@live-feed/core/lead/lead-outcome';
import { isReady, type Redis } from '@live-feed/queue/redis/redis';
import { createCompletionPublisher } from '@live-feed/queue/streams/completion-stream';

export type NotifyCallers = (ended: readonly { job: LeadJob; outcome: LeadOutcome }[]) => Promise<void>;

/**
 * Notifies the ingresses of their leads' outcomes, with one event per ingress. An event that cannot be sent is not
 * sent again: the ingress finds the outcome in the row within a second.
 *
 * @param redis connected for the role `requests`
 */
export function createCallerNotifier(redis: Redis, onError: (error: unknown) => void): NotifyCallers {
  const publish = createCompletionPublisher(redis);
  return async (ended) => {
    const outcomes = new Map<string, LeadOutcome[]>();
    for (const { job, outcome } of ended) {
      if (job.replyTo === '') continue;
      const together = outcomes.get(job.replyTo);
      if (together === undefined) outcomes.set(job.replyTo, [outcome]);
      else together.push(outcome);
    }
    if (outcomes.size === 0 || !isReady(redis)) return;
    try {
      await publish(outcomes);
    } catch (error) {
      onError(error);
    }
  };
}
