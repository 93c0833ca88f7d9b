import type { LeadOutcome } from '@live-feed/core/lead-outcome';

/** The callers of this process that wait for their leads' outcomes. */
export interface WaitingLeads {
  readonly size: number;
  /** To be called before the lead's job is added: its outcome may be there before the add returns. */
  expect(leadId: string): ExpectedOutcome;
  /** Events and rows come in here; outcomes that nobody waits for are dropped. */
  settle(outcome: LeadOutcome): void;
  /** Leads waited for since before that moment, on `performance.now()`'s scale. */
  waitingSince(moment: number): string[];
}

export interface ExpectedOutcome {
  /** @returns undefined if the outcome was not there within that time. Can be called again. */
  within(ms: number): Promise<LeadOutcome | undefined>;
  /** Stops waiting. Always to be called. */
  forget(): void;
}

interface Entry {
  readonly since: number;
  readonly settle: (outcome: LeadOutcome) => void;
}

export function createWaitingLeads(): WaitingLeads {
  const entries = new Map<string, Entry>();

  return {
    get size() {
      return entries.size;
    },
    expect(leadId) {
      let settle: Entry['settle'] = () => {};
      const outcome = new Promise<LeadOutcome>((resolve) => {
        settle = resolve;
      });
      entries.set(leadId, { since: performance.now(), settle });
      return {
        async within(ms) {
          let timer: NodeJS.Timeout | undefined;
          const late = new Promise<undefined>((resolve) => {
            timer = setTimeout(() => resolve(undefined), Math.max(0, ms));
          });
          try {
            return await Promise.race([outcome, late]);
          } finally {
            clearTimeout(timer);
          }
        },
        forget: () => entries.delete(leadId),
      };
    },
    settle(outcome) {
      entries.get(outcome.leadId)?.settle(outcome);
    },
    waitingSince(moment) {
      const ids: string[] = [];
      // In the order of their registration: the first that is too young ends the search.
      for (const [id, { since }] of entries) {
        if (since > moment) break;
        ids.push(id);
      }
      return ids;
    },
  };
}
