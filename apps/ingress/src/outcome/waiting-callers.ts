import type { LeadOutcome } from '@live-feed/core/lead/lead-outcome';

/** The callers that wait in this process for the outcomes of leads. Several may wait for one lead. */
export interface WaitingCallers {
  /** Number of callers. */
  readonly size: number;
  /** To be called before the lead's job is added: its outcome may arrive before the add returns. */
  expect(leadId: string): ExpectedOutcome;
  /** The same for another request's lead. Its event may go to another process, so its row is watched from the start. */
  join(leadId: string): ExpectedOutcome;
  /** Takes outcomes from events and rows. Those that no caller waits for are dropped. */
  settle(outcome: LeadOutcome): void;
  /** Leads that have been waited for since before `moment`, on `performance.now()`'s scale, and all joined ones. */
  suspects(moment: number): string[];
  /** Whether every wait ends at once. */
  readonly hasEnded: boolean;
  /** Ends every wait, and every later one, as if its time were up: for a process that stops. */
  endWaits(): void;
}

export interface ExpectedOutcome {
  /** @returns undefined if the outcome has not arrived within that time. Can be called again. */
  within(ms: number): Promise<LeadOutcome | undefined>;
  /** Stops waiting. Must always be called. */
  forget(): void;
}

interface Caller {
  readonly leadId: string;
  readonly since: number;
  readonly settle: (outcome: LeadOutcome) => void;
}

export function createWaitingCallers(): WaitingCallers {
  const callersOf = new Map<string, Set<Caller>>();
  /** In order of registration. */
  const expecting = new Set<Caller>();
  const joined = new Set<Caller>();
  /** Each ends one wait that is under way. Not an `AbortSignal`: removing one of thousands of its listeners takes too long. */
  const endings = new Set<() => void>();
  let hasEnded = false;

  function wait(leadId: string, among: Set<Caller>): ExpectedOutcome {
    let settle: Caller['settle'] = () => {};
    const outcome = new Promise<LeadOutcome>((resolve) => {
      settle = resolve;
    });
    const caller = { leadId, since: performance.now(), settle };
    const callers = callersOf.get(leadId) ?? new Set();
    callersOf.set(leadId, callers.add(caller));
    among.add(caller);
    return {
      async within(ms) {
        let end = () => {};
        const late = new Promise<undefined>((resolve) => {
          end = () => resolve(undefined);
        });
        const timer = setTimeout(end, hasEnded ? 0 : Math.max(0, ms));
        endings.add(end);
        try {
          return await Promise.race([outcome, late]);
        } finally {
          clearTimeout(timer);
          endings.delete(end);
        }
      },
      forget() {
        among.delete(caller);
        callers.delete(caller);
        if (callers.size === 0) callersOf.delete(leadId);
      },
    };
  }

  return {
    get size() {
      return expecting.size + joined.size;
    },
    get hasEnded() {
      return hasEnded;
    },
    expect: (leadId) => wait(leadId, expecting),
    join: (leadId) => wait(leadId, joined),
    settle(outcome) {
      for (const { settle } of callersOf.get(outcome.leadId) ?? []) settle(outcome);
    },
    suspects(moment) {
      const ids = new Set<string>();
      // In order of age: the rest is younger still.
      for (const { leadId, since } of expecting) {
        if (since > moment) break;
        ids.add(leadId);
      }
      for (const { leadId } of joined) ids.add(leadId);
      return [...ids];
    },
    endWaits() {
      hasEnded = true;
      for (const end of endings) end();
    },
  };
}
