/**
 * A number of places, for which companies take turns: however much one of them wants, the next place is another's. For work that is short and
 * shares something that all need, such as connections.
 */
export interface CompanyLine {
  enter(companyId: string): PlaceInLine;
}

export interface PlaceInLine {
  /** Resolves once the work may begin; undefined: at once. */
  readonly turn: Promise<void> | undefined;
  /** The work has ended, or is not waited for any more. To be called once. */
  leave(): void;
}

export interface CompanyLineLimits {
  readonly places: number;
  /** Fewer than `places`, so that others find one free. */
  readonly ofCompany: number;
}

/** Work waits in memory: how much is up to those who enter. */
export function createCompanyLine({ places, ofCompany }: CompanyLineLimits): CompanyLine {
  /** The company whose turn is next first, and of each what has waited longest. */
  const waiting = new Map<string, Set<() => void>>();
  const taken = new Map<string, number>();
  let allTaken = 0;

  const isFree = (companyId: string) => allTaken < places && (taken.get(companyId) ?? 0) < ofCompany;

  function take(companyId: string): void {
    allTaken += 1;
    taken.set(companyId, (taken.get(companyId) ?? 0) + 1);
  }

  function giveUp(companyId: string): void {
    allTaken -= 1;
    const left = (taken.get(companyId) ?? 0) - 1;
    if (left > 0) taken.set(companyId, left);
    else taken.delete(companyId);
    callNext();
  }

  function callNext(): void {
    for (const [companyId, calls] of waiting) {
      if (allTaken >= places) return;
      const [call] = calls;
      if (call === undefined || !isFree(companyId)) continue;
      calls.delete(call);
      // What else it has comes after the other companies.
      waiting.delete(companyId);
      if (calls.size > 0) waiting.set(companyId, calls);
      take(companyId);
      call();
    }
  }

  function stopWaiting(companyId: string, call: () => void): void {
    const calls = waiting.get(companyId);
    calls?.delete(call);
    if (calls?.size === 0) waiting.delete(companyId);
  }

  return {
    enter(companyId) {
      if (!waiting.has(companyId) && isFree(companyId)) {
        take(companyId);
        return { turn: undefined, leave: () => giveUp(companyId) };
      }
      let leave = () => {};
      const turn = new Promise<void>((resolve) => {
        const call = () => {
          leave = () => giveUp(companyId);
          resolve();
        };
        leave = () => stopWaiting(companyId, call);
        const calls = waiting.get(companyId);
        if (calls === undefined) waiting.set(companyId, new Set([call]));
        else calls.add(call);
      });
      return { turn, leave: () => leave() };
    },
  };
}
