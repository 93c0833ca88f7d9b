import type { Verdict } from './finding.ts';
import type { LoadResult } from './load/load-plan.ts';
import { atMost } from './verdict.ts';

type Seen = Pick<LoadResult, 'p99Ms' | 'errors'>;

/** Callers may notice what is new beside them by a p99 of twice what it was, or of 100 ms more, whichever is more. */
export function unnoticed(what: string, before: Seen, beside: Seen): Verdict[] {
  const p99Ms = before.p99Ms ?? 0;
  return [
    atMost({ what, measured: beside.p99Ms, target: Math.max(2 * p99Ms, p99Ms + 100), unit: 'ms p99' }),
    atMost({ what, measured: before.errors + beside.errors, target: 0, unit: 'errors' }),
  ];
}
