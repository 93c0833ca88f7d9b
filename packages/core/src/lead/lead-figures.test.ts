import { expect, test } from 'vitest';
import { type LeadCount, summarise } from './lead-figures.ts';

const count = (state: LeadCount['state'], leads: number, withinMs: number): LeadCount => ({
  state,
  leads,
  withinMs,
});

test('times are those of leads that the dialing system decided on, acceptance leaves out what was given back or is parked', () => {
  const counts = [
    count('ACCEPTED', 60, 500),
    count('ACCEPTED', 37, 200),
    count('REJECTED', 2, 800),
    count('REJECTED', 1, 25_000),
    count('ACCEPTED', 20, 0),
    count('FAILED', 10, 60_000),
    count('EXPIRED', 10, 86_400_000),
    count('ABANDONED', 7, 2_000),
    count('PARKED', 3, 100),
  ];
  expect(summarise(counts)).toEqual({
    leads: 150,
    byState: { ACCEPTED: 117, REJECTED: 3, FAILED: 10, EXPIRED: 10, ABANDONED: 7, PARKED: 3 },
    acceptance: 117 / 140,
    p50Ms: 500,
    p99Ms: 800,
  });
});

test('of no leads there is nothing to say', () => {
  expect(summarise([])).toMatchObject({ leads: 0, acceptance: null, p50Ms: null, p99Ms: null });
});
