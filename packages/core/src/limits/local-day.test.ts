import { expect, test } from 'vitest';
import { localDay } from './local-day.ts';

test.each([
  ['America/New_York', '2026-11-30T04:59:59Z', { date: '2026-11-29', endsInMs: 1_000 }],
  ['America/New_York', '2026-11-30T05:00:00Z', { date: '2026-11-30', endsInMs: 86_400_000 }],
  ['America/Los_Angeles', '2026-07-01T06:30:00Z', { date: '2026-06-30', endsInMs: 1_800_000 }],
  ['Asia/Kathmandu', '2026-11-30T18:14:00Z', { date: '2026-11-30', endsInMs: 60_000 }],
  ['UTC', '2026-12-31T23:00:00Z', { date: '2026-12-31', endsInMs: 3_600_000 }],
])('in %s it is at %s', (timeZone, moment, day) => {
  expect(localDay(timeZone, Date.parse(moment))).toEqual(day);
});
