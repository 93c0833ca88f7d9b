import { expect, test } from 'vitest';
import { beyondCaps } from './ani-caps.ts';

const ani = { phone: '2065550100', cap: 2, zone: 'America/New_York' };
const usedAt = (...times: string[]) =>
  times.map((time) => ({ callerId: ani.phone, loadedDts: `2026-11-${time}:00.000Z` }));

test('an ANI that was used beyond its cap is found', () => {
  const uses = usedAt('25T15:00', '25T16:00', '25T17:00');
  expect(beyondCaps([ani], uses)).toEqual(['…0100, 3 times of 2 on 2026-11-25']);
});

test('each day of the company has its own count', () => {
  // Midnight in New York is at 05:00 UTC.
  expect(beyondCaps([ani], usedAt('25T03:00', '25T04:00', '25T06:00', '25T07:00'))).toEqual([]);
  expect(beyondCaps([ani], usedAt('25T03:00', '25T06:00', '25T07:00', '26T04:00'))).toHaveLength(1);
});

test('other numbers, leads without a caller ID and ANIs without a cap do not count', () => {
  const uses = usedAt('25T15:00', '25T16:00', '25T17:00').map((use) => ({ ...use, callerId: '2065550199' }));
  expect(beyondCaps([ani], [...uses, { loadedDts: '2026-11-25T15:00:00.000Z' }])).toEqual([]);
  expect(beyondCaps([{ ...ani, cap: null }], usedAt('25T15:00', '25T16:00', '25T17:00'))).toEqual([]);
});
