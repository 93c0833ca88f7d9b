import type { DialerStanding } from '@live-feed/queue/limits/dialer-health';
import { describe, expect, test } from 'vitest';
import { isHeld } from './dialer-holds.ts';

const standing = (more: Partial<DialerStanding>): DialerStanding => ({
  heldForMs: 0,
  heldUntil: null,
  reason: null,
  note: null,
  failures: 0,
  probing: false,
  ...more,
});

describe('isHeld', () => {
  test.each([
    ['a dialer that works', standing({}), false],
    ['one that an operator holds', standing({ reason: 'ops', heldForMs: 1 }), true],
    ['one whose token is refused', standing({ reason: 'token_refused', heldForMs: 1 }), true],
    ['one that is failing', standing({ reason: 'failing', heldForMs: 500 }), true],
    ['one that was asked to pause for seconds', standing({ reason: 'throttled', heldForMs: 5_000 }), false],
    ['one that was asked to pause for longer', standing({ reason: 'throttled', heldForMs: 5_001 }), true],
    ['one that failed now and then', standing({ failures: 4 }), false],
  ])('%s', (_, seen, expected) => expect(isHeld(seen, false)).toBe(expected));

  test('between the holds of a dialer that fails it is still held, until one lead has gone through', () => {
    expect(isHeld(standing({ failures: 5, probing: true }), true)).toBe(true);
    expect(isHeld(standing({ failures: 5, probing: true }), false)).toBe(false);
    expect(isHeld(standing({ reason: 'throttled', heldForMs: 1 }), true)).toBe(true);
    expect(isHeld(standing({}), true)).toBe(false);
  });
});
