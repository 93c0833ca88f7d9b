/** Limits the callers that wait in this process at once. */
export interface CallerCaps {
  /** @returns which cap is reached; undefined if the caller may wait: then `leave` has to be called once it stops waiting */
  enter(companyId: string): 'ingress' | 'company' | undefined;
  leave(companyId: string): void;
  /** Which cap a caller would find reached now. */
  reached(companyId: string): 'ingress' | 'company' | undefined;
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
  const oursOf = (companyId: string) => waiting.get(companyId) ?? 0;

  function reached(companyId: string) {
    if (Math.max(all, unknown()) >= ofIngress) return 'ingress';
    return oursOf(companyId) >= ofCompany ? 'company' : undefined;
  }

  return {
    enter(companyId) {
      const cap = reached(companyId);
      if (cap !== undefined) return cap;
      waiting.set(companyId, oursOf(companyId) + 1);
      all += 1;
      return undefined;
    },
    leave(companyId) {
      const ours = oursOf(companyId);
      if (ours > 1) waiting.set(companyId, ours - 1);
      else waiting.delete(companyId);
      all -= 1;
    },
    reached,
  };
}
