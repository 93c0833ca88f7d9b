import { expect, it } from 'vitest';
import { createBeatWatch } from './lane-beats.ts';

/** What is seen of worker `a` in each beat, and in which of them it counts as dead. */
function deaths(seen: readonly (number | undefined)[]): number[] {
  const watch = createBeatWatch(3);
  return seen.flatMap((beats, at) => {
    const dead = watch.dead(new Map(beats === undefined ? [] : [['a', beats]]));
    return dead.length > 0 ? [at] : [];
  });
}

it.each([
  ['a worker that beats', [1, 2, 3, 4, 5, 6], []],
  ['one that stands still, from the third time on', [1, 1, 1, 1, 1], [3, 4]],
  ['one that is late but comes', [1, 1, 1, 2, 2, 2, 3], []],
  ['one that was gone and is back', [1, 1, 1, 1, 2, 3], [3]],
  ['one that counts from the beginning after Redis lost everything', [7, 8, 1, 2, 3], []],
  ['one that counts down since it is leaving', [7, -1, -2, -3, -4], []],
  ['one that is off the board for a while', [1, 1, undefined, 1, 1, 1], []],
])('%s', (_, seen, dead) => {
  expect(deaths(seen)).toEqual(dead);
});
