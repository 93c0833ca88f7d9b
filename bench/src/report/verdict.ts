import type { LoadResult } from '../load/load-plan.ts';
import type { Verdict } from './finding.ts';

type Facts = Pick<Verdict, 'what' | 'measured' | 'target' | 'unit'>;

export function atLeast(facts: Facts): Verdict {
  return { ...facts, must: '≥', met: facts.measured !== null && facts.measured >= facts.target };
}

export function atMost(facts: Facts): Verdict {
  return { ...facts, must: '≤', met: facts.measured !== null && facts.measured <= facts.target };
}

type Seen = Pick<LoadResult, 'p99Ms' | 'errors'>;

/** Other load may raise the p99 to twice its value, or by 100 ms, whichever is more. */
export function unnoticed(what: string, before: Seen, beside: Seen): Verdict[] {
  const p99Ms = before.p99Ms ?? 0;
  return [
    atMost({ what, measured: beside.p99Ms, target: Math.max(2 * p99Ms, p99Ms + 100), unit: 'ms p99' }),
    atMost({ what, measured: before.errors + beside.errors, target: 0, unit: 'errors' }),
  ];
}
