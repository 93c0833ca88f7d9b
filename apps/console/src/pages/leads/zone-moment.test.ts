import { expect, test } from 'vitest';
import { momentIn } from './zone-moment.ts';

test.each([
  ['UTC', '2026-11-30T10:32', '2026-11-30T10:32:00.000Z'],
  ['America/New_York', '2026-11-30T10:32', '2026-11-30T15:32:00.000Z'],
  ['America/New_York', '2026-07-01T00:00', '2026-07-01T04:00:00.000Z'],
  // The clocks are set forward, and back.
  ['America/New_York', '2026-03-08T01:59', '2026-03-08T06:59:00.000Z'],
  ['America/New_York', '2026-03-08T03:00', '2026-03-08T07:00:00.000Z'],
  ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30:00.000Z'],
  ['America/New_York', '2026-11-01T02:30', '2026-11-01T07:30:00.000Z'],
])('in %s, %s is %s', (zone, text, moment) => {
  expect(momentIn(zone, text)?.toISOString()).toBe(moment);
});

test.each(['', 'now', '2026-11-30', '2026-13-30T10:32', '0026-11-30T10:32', '9999-12-31T23:59'])(
  '"%s" is no moment',
  (text) => {
    expect(momentIn('UTC', text)).toBeUndefined();
  },
);
