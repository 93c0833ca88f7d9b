import { createGroupCommit } from '@live-feed/core/group-commit';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { LeadOutcome } from '@live-feed/core/lead/lead-outcome';
import { isReady, type Redis } from '@live-feed/queue/redis/redis';
import { createCompletionPublisher } from '@live-feed/queue/streams/completion-stream';

type Ended = readonly { readonly job: LeadJob; readonly outcome: LeadOutcome }[];

export type NotifyCallers = (ended: Ended) => Promise<void>;

/** Uploads in an event, at most. */
const MOST_UPLOADS = 100;

/**
 * Notifies the ingresses of their leads' outcomes: with one event per ingress, of all uploads that ended while the events before were
 * written. An event that cannot be sent is not sent again: the ingress finds the outcome in the row within a second.
 *
 * @param redis connected for the role `requests`
 */
export function createCallerNotifier(redis: Redis, onError: (error: unknown) => void): NotifyCallers {
  const publish = createCompletionPublisher(redis);
  const events = createGroupCommit<Ended, void>({
    async commit(uploads) {
      const outcomes = byIngress(uploads.flat());
      if (outcomes.size > 0 && isReady(redis)) await publish(outcomes).catch(onError);
      return uploads.map(() => undefined);
    },
    atOnce: 1,
    maxSize: MOST_UPLOADS,
    sizeOf: () => 1,
  });
  return events.submit;
}

function byIngress(ended: Ended): Map<string, LeadOutcome[]> {
  const outcomes = new Map<string, LeadOutcome[]>();
  for (const { job, outcome } of ended) {
    if (job.replyTo === '') continue;
    const together = outcomes.get(job.replyTo);
    if (together === undefined) outcomes.set(job.replyTo, [outcome]);
    else together.push(outcome);
  }
  return outcomes;
}
