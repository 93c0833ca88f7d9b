import { expect, it } from 'vitest';
import { createHeartbeatWatch } from './heartbeat-watch.ts';

/** Given worker `a`'s count at each heartbeat, at which of them it is dead. */
function deaths(seen: readonly (number | undefined)[]): number[] {
  const watch = createHeartbeatWatch(3);
  return seen.flatMap((count, at) => {
    const dead = watch.dead(new Map(count === undefined ? [] : [['a', count]]));
    return dead.length > 0 ? [at] : [];
  });
}

it.each([
  ['a worker that sends heartbeats', [1, 2, 3, 4, 5, 6], []],
  ['one whose count stays the same, from the third time on', [1, 1, 1, 1, 1], [3, 4]],
  ['one that is late, but not too late', [1, 1, 1, 2, 2, 2, 3], []],
  ['one that comes back', [1, 1, 1, 1, 2, 3], [3]],
  ['one that starts from 1 after Redis lost everything', [7, 8, 1, 2, 3], []],
  ['one that counts down because it is leaving', [7, -1, -2, -3, -4], []],
  ['one that is not in the registry for a while', [1, 1, undefined, 1, 1, 1], []],
])('%s', (_, seen, dead) => {
  expect(deaths(seen)).toEqual(dead);
});
