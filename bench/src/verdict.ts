import type { Verdict } from './finding.ts';

type Facts = Pick<Verdict, 'what' | 'measured' | 'target' | 'unit'>;

export function atLeast(facts: Facts): Verdict {
  return { ...facts, must: '≥', met: facts.measured !== null && facts.measured >= facts.target };
}

export function atMost(facts: Facts): Verdict {
  return { ...facts, must: '≤', met: facts.measured !== null && facts.measured <= facts.target };
}
