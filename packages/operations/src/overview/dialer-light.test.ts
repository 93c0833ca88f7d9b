import type { DialerStanding } from '@live-feed/queue/limits/dialer-health';
import { expect, test } from 'vitest';
import { lightOf } from './dialer-light.ts';

const STANDING: DialerStanding = {
  ...{ heldForMs: 0, heldUntil: null, reason: null, note: null, failures: 0, probing: false },
};
const HELD = { ...STANDING, heldForMs: 1_000, heldUntil: new Date() };

test.each([
  ['serving', null, false, undefined],
  ['serving', null, false, STANDING],
  ['failing', '2 failures in a row', false, { ...STANDING, failures: 2 }],
  [
    'failing',
    'one lead at a time is tried; 5 failures in a row',
    false,
    { ...STANDING, failures: 5, probing: true },
  ],
  [
    'held',
    'the dialing system refused the token; 1 failure in a row',
    false,
    { ...HELD, reason: 'token_refused', failures: 1 },
  ],
  ['held', 'by a person; they move house', false, { ...HELD, reason: 'ops', note: 'they move house' }],
  ['paused', 'paused by a person', true, undefined],
  [
    'paused',
    'paused by a person; the dialing system asked to slow down',
    true,
    { ...HELD, reason: 'throttled' },
  ],
] as const)('%s: %s', (light, why, paused, standing) => {
  expect(lightOf({ paused, standing })).toEqual({ light, why });
});
