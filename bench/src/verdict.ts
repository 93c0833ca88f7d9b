/** What was measured against a target. */
export interface Verdict {
  /** What was looked at. */
  readonly what: string;
  /** Null: there was nothing to measure, which misses the target. */
  readonly measured: number | null;
  readonly must: '≥' | '≤';
  readonly target: number;
  readonly unit: string;
  readonly met: boolean;
}

type Facts = Pick<Verdict, 'what' | 'measured' | 'target' | 'unit'>;

export function atLeast(facts: Facts): Verdict {
  return { ...facts, must: '≥', met: facts.measured !== null && facts.measured >= facts.target };
}

export function atMost(facts: Facts): Verdict {
  return { ...facts, must: '≤', met: facts.measured !== null && facts.measured <= facts.target };
}
