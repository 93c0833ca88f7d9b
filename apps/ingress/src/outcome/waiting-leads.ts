import type { LeadOutcome } from '@live-feed/core/lead/lead-outcome';

/** The callers of this process that wait for leads' outcomes; of one lead there may be several. */
export interface WaitingLeads {
  /** Callers. */
  readonly size: number;
  /** To be called before the lead's job is added: its outcome may be there before the add returns. */
  expect(leadId: string): ExpectedOutcome;
  /** The same for a lead of somebody else's, whose event may go to another process: its row has to be looked at. */
  join(leadId: string): ExpectedOutcome;
  /** Events and rows come in here; outcomes that nobody waits for are dropped. */
  settle(outcome: LeadOutcome): void;
  /** Leads waited for since before that moment, on `performance.now()`'s scale, and all that were joined. */
  suspects(moment: number): string[];
  /** Every wait ends now as if its time were up, and so does every later one: for a process that is to stop. */
  giveUp(): void;
}

export interface ExpectedOutcome {
  /** @returns undefined if the outcome was not there within that time. Can be called again. */
  within(ms: number): Promise<LeadOutcome | undefined>;
  /** Stops waiting. Always to be called. */
  forget(): void;
}

interface Caller {
  readonly leadId: string;
  readonly since: number;
  readonly settle: (outcome: LeadOutcome) => void;
}

export function createWaitingLeads(): WaitingLeads {
  const callersOf = new Map<string, Set<Caller>>();
  /** In the order of their registration. */
  const expecting = new Set<Caller>();
  const joined = new Set<Caller>();
  /** What ends the waits under way. */
  const endings = new Set<() => void>();
  let givenUp = false;

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
        const timer = setTimeout(end, givenUp ? 0 : Math.max(0, ms));
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
    expect: (leadId) => wait(leadId, expecting),
    join: (leadId) => wait(leadId, joined),
    settle(outcome) {
      for (const { settle } of callersOf.get(outcome.leadId) ?? []) settle(outcome);
    },
    suspects(moment) {
      const ids = new Set<string>();
      // The first that is too young ends the search.
      for (const { leadId, since } of expecting) {
        if (since > moment) break;
        ids.add(leadId);
      }
      for (const { leadId } of joined) ids.add(leadId);
      return [...ids];
    },
    giveUp() {
      givenUp = true;
      for (const end of endings) end();
    },
  };
}
