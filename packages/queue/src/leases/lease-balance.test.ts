import { describe, expect, it } from 'vitest';
import { balance } from './lease-balance.ts';

/** `a: 1 2, b: 3` as owners by dialer. */
function owners(text: string): Map<string, string> {
  const lines = text.split(', ').map((line) => line.split(': '));
  return new Map(
    lines.flatMap(([worker = '', ids = '']) => ids.split(' ').map((id) => [id, worker] as const)),
  );
}

describe('balance', () => {
  it.each([
    ['moves nothing if the leases are balanced', 'a: 1 2, b: 3 4', 'a b', {}],
    ['leaves a remainder where it is', 'a: 1, b: 2 3', 'a b', {}],
    ['gives leases without an owner to those with fewest', 'a: 1 2, : 3 4', 'a b', { 3: 'b', 4: 'b' }],
    ['gives leases of dead workers to live ones', 'a: 1, dead: 2 3', 'a b', { 2: 'a', 3: 'b' }],
    ['moves no more than it must when one joins', 'a: 1 2 3 4', 'a b', { 3: 'b', 4: 'b' }],
    ['moves from each that has too many', 'a: 1 2 3, b: 4 5 6', 'a b c', { 3: 'c', 6: 'c' }],
    ['gives one lease to one of many', ': 1', 'b a', { 1: 'a' }],
  ])('%s', (_, before, workers, moves) => {
    const moved = balance(owners(before), workers.split(' '));
    expect(Object.fromEntries(moved)).toEqual(moves);
  });

  it('decides the same in whatever order the registry was read', () => {
    const entries = [...owners('a: 5 1 3 2, b: 4, dead: 9 8 7')];
    const once = balance(new Map(entries), ['a', 'b', 'c']);
    const again = balance(new Map(entries.reverse()), ['c', 'b', 'a']);
    expect(new Map([...again].sort())).toEqual(new Map([...once].sort()));
  });

  it('is balanced afterwards, for any number of leases and workers', () => {
    for (let leases = 1; leases < 30; leases += 1) {
      for (let workers = 1; workers < 7; workers += 1) {
        const names = Array.from({ length: workers }, (_, at) => `w${at}`);
        const owners = new Map<string, string>(
          Array.from({ length: leases }, (_, at) => [`d${at}`, `w${(at * at) % (workers + 2)}`] as const),
        );
        for (const [dialerId, worker] of balance(owners, names)) owners.set(dialerId, worker);
        const counts = names.map((name) => [...owners.values()].filter((owner) => owner === name).length);
        expect(counts.reduce((a, b) => a + b)).toBe(leases);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect(balance(owners, names).size).toBe(0);
      }
    }
  });
});
