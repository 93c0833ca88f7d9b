import type { DoubtfulAttempt } from '../delivery/attempt.ts';
import type { Decision } from '../delivery/decide.ts';
import type { DeliveryTools } from '../delivery/delivery-tools.ts';
import { putBack, settleLeads, type Unsettled } from '../delivery/settle-leads.ts';
import type { TakenLead } from '../delivery/taken-lead.ts';
import type { ServedDialer } from '../dialer/dialer-directory.ts';

/** The attempts under verification, at most one of a lead, and what becomes of their leads once something is decided. */
export interface PendingAttempts {
  readonly size: number;
  all(): PendingAttempt[];
  /** @param resendInHalves takes those that go again apart from those that may be why they were refused: of this call, at most once */
  add(attempts: readonly DoubtfulAttempt[], resendInHalves: ResendInHalves): void;
  /** Those without a decision stay. */
  settle(
    dialer: ServedDialer,
    decisions: readonly (readonly [PendingAttempt, Decision | undefined])[],
  ): Promise<void>;
  /** Returns leads to the queue, undecided. */
  release(attempts: readonly PendingAttempt[], delayMs: number): void;
}

export interface PendingAttempt {
  readonly attempt: DoubtfulAttempt;
  /** On `performance.now()`'s scale. */
  readonly since: number;
  readonly arrival: Arrival;
}

export type ResendInHalves = (leads: readonly TakenLead[]) => void;

/** The attempts of one `add`. */
interface Arrival {
  readonly size: number;
  readonly resendInHalves: ResendInHalves;
}

export function createPendingAttempts(tools: DeliveryTools): PendingAttempts {
  const pending = new Map<string, PendingAttempt>();

  function insert(attempt: DoubtfulAttempt, arrival: Arrival): void {
    const { leadId } = attempt.lead;
    const earlier = pending.get(leadId);
    // Its job was lost and taken again: the earlier lock is another holder's now.
    if (earlier !== undefined && earlier.attempt.lead !== attempt.lead) release([earlier], 0);
    pending.set(leadId, { attempt, since: performance.now(), arrival });
  }

  function remove(each: PendingAttempt): void {
    const { leadId } = each.attempt.lead;
    if (pending.get(leadId) === each) pending.delete(leadId);
  }

  function release(attempts: readonly PendingAttempt[], delayMs: number): void {
    for (const each of attempts) remove(each);
    putBack(attempts.map(({ attempt: { lead } }) => ({ lead, delayMs })));
  }

  return {
    get size() {
      return pending.size;
    },
    all: () => [...pending.values()],
    add(attempts, resendInHalves) {
      const arrival = { size: attempts.length, resendInHalves };
      for (const attempt of attempts) insert(attempt, arrival);
    },
    async settle(dialer, decisions) {
      const decided = decisions.flatMap(([each, decision]) =>
        decision === undefined ? [] : [{ each, decision }],
      );
      if (decided.length === 0) return;
      const attempts = decided.map(({ each: { attempt, arrival }, decision }) => {
        return { ...attempt, decision, uploadSize: arrival.size };
      });
      const { doubtful, queued } = await settleLeads(tools, dialer, attempts);
      const byLead = new Map(decided.map(({ each }) => [each.attempt.lead, each]));
      for (const { each } of decided) remove(each);
      for (const attempt of doubtful) insert(attempt, byLead.get(attempt.lead)?.arrival ?? ON_ITS_OWN);
      sendAgain(queued, byLead);
    },
    release,
  };
}

/** Those of an upload that was refused as a whole go to their lane again, the others into the queue. */
function sendAgain(queued: Unsettled['queued'], byLead: ReadonlyMap<TakenLead, PendingAttempt>): void {
  const halved = new Map<Arrival, TakenLead[]>();
  const others = queued.filter(({ lead }) => {
    const each = byLead.get(lead);
    if (each?.attempt.doubt.ifAbsent.kind !== 'halves') return true;
    halved.set(each.arrival, [...(halved.get(each.arrival) ?? []), lead]);
    return false;
  });
  putBack(others);
  for (const [arrival, leads] of halved) arrival.resendInHalves(leads);
}

const ON_ITS_OWN: Arrival = {
  size: 1,
  resendInHalves: (leads) => putBack(leads.map((lead) => ({ lead, delayMs: 0 }))),
};
