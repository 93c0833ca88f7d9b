/** Limits the callers that wait in this process at once. */
export interface CallerCaps {
  /** @returns which cap is reached; undefined if the caller may wait: then `leave` has to be called once it stops waiting */
  enter(companyId: string): 'ingress' | 'company' | undefined;
  leave(companyId: string): void;
}

export interface CapLimits {
  readonly ofIngress: number;
  /** Less than `ofIngress`, so that one company leaves room for others. */
  readonly ofCompany: number;
  /** Number of leads whose promise is not known yet, including those whose callers were answered with OUTCOME_UNKNOWN. It is capped like callers. */
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
