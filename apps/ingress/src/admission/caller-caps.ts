/** Bounds on the callers that wait here at once. */
export interface CallerCaps {
  /** @returns which cap is reached; undefined if the caller may wait, and `leave` is to be called once it does not any more */
  enter(companyId: string): 'ingress' | 'company' | undefined;
  leave(companyId: string): void;
}

export interface CapLimits {
  readonly ofIngress: number;
  /** Less, so that one company's callers leave room for the others'. */
  readonly ofCompany: number;
  /** Leads whose promise is not known yet: of callers that wait, and of some that could not be told. As many as callers, at most. */
  readonly unknown: () => number;
}

export function createCallerCaps({ ofIngress, ofCompany, unknown }: CapLimits): CallerCaps {
  const waiting = new Map<string, number>();
  let all = 0;
  return {
    enter(companyId) {
      const ours = waiting.get(companyId) ?? 0;
      if (Math.max(all, unknown()) >= ofIngress) return 'ingress';
      if (ours >= ofCompany) return 'company';
      waiting.set(companyId, ours + 1);
      all += 1;
      return undefined;
    },
    leave(companyId) {
      const ours = waiting.get(companyId) ?? 0;
      if (ours > 1) waiting.set(companyId, ours - 1);
      else waiting.delete(companyId);
      all -= 1;
    },
  };
}
