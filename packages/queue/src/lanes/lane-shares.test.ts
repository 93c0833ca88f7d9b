import { describe, expect, it } from 'vitest';
import { shareOut } from './lane-shares.ts';

/** `a: 1 2, b: 3` as a board. */
function board(text: string): Map<string, string> {
  const lines = text.split(', ').map((line) => line.split(': '));
  return new Map(
    lines.flatMap(([worker = '', ids = '']) => ids.split(' ').map((id) => [id, worker] as const)),
  );
}

describe('shareOut', () => {
  it.each([
    ['leaves what is even', 'a: 1 2, b: 3 4', 'a b', {}],
    ['leaves the odd one where it is', 'a: 1, b: 2 3', 'a b', {}],
    ['gives lanes of nobody to those with fewest', 'a: 1 2, : 3 4', 'a b', { 3: 'b', 4: 'b' }],
    ['gives lanes of the dead to the living', 'a: 1, dead: 2 3', 'a b', { 2: 'a', 3: 'b' }],
    ['moves no more than it must when one joins', 'a: 1 2 3 4', 'a b', { 3: 'b', 4: 'b' }],
    ['moves from each that has too many', 'a: 1 2 3, b: 4 5 6', 'a b c', { 3: 'c', 6: 'c' }],
    ['serves one lane with one of many', ': 1', 'b a', { 1: 'a' }],
  ])('%s', (_, before, workers, moves) => {
    const moved = shareOut(board(before), workers.split(' '));
    expect(Object.fromEntries(moved)).toEqual(moves);
  });

  it('decides the same in whatever order the board was read', () => {
    const owners = [...board('a: 5 1 3 2, b: 4, dead: 9 8 7')];
    const once = shareOut(new Map(owners), ['a', 'b', 'c']);
    const again = shareOut(new Map(owners.reverse()), ['c', 'b', 'a']);
    expect(new Map([...again].sort())).toEqual(new Map([...once].sort()));
  });

  it('is even after it was followed, for any number of lanes and workers', () => {
    for (let lanes = 1; lanes < 30; lanes += 1) {
      for (let workers = 1; workers < 7; workers += 1) {
        const names = Array.from({ length: workers }, (_, at) => `w${at}`);
        const owners = new Map<string, string>(
          Array.from({ length: lanes }, (_, at) => [`d${at}`, `w${(at * at) % (workers + 2)}`] as const),
        );
        for (const [dialerId, worker] of shareOut(owners, names)) owners.set(dialerId, worker);
        const counts = names.map((name) => [...owners.values()].filter((owner) => owner === name).length);
        expect(counts.reduce((a, b) => a + b)).toBe(lanes);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect(shareOut(owners, names).size).toBe(0);
      }
    }
  });
});
