import { expect, test } from 'vitest';
import { type AlertStanding, nextStanding } from './alert-standing.ts';

const PATIENCE = { beginAfterMs: 100, endAfterMs: 50 };

/** What is told while the condition is met (`+`), not met (`-`) or not known (`?`), 25 ms after each other. */
function told(seen: string): string[] {
  let standing: AlertStanding | undefined;
  return [...seen].flatMap((sign, place) => {
    const isMet = sign === '?' ? undefined : sign === '+';
    const step = nextStanding(standing, isMet, place * 25, PATIENCE);
    standing = step.standing;
    return step.event === undefined ? [] : [`${step.event} at ${place}`];
  });
}

test.each([
  ['++++', []],
  ['+++++++', ['begun at 4']],
  ['+++-++++', []],
  ['+++++--+--+', ['begun at 4']],
  ['+++++---', ['begun at 4', 'ended at 7']],
  ['+++++---++++++', ['begun at 4', 'ended at 7', 'begun at 12']],
  ['??++??+', ['begun at 6']],
  ['+++++????????', ['begun at 4']],
  ['+++++-???-', ['begun at 4', 'ended at 9']],
])('%s', (seen, events) => {
  expect(told(seen)).toEqual(events);
});
