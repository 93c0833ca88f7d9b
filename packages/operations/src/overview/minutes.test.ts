import { expect, test } from 'vitest';
import { firstMinute, minuteSeries } from './minutes.ts';

const NOW_MS = Date.UTC(2026, 10, 30, 10, 32, 59);

test('each minute is there once, the present one last, also those without leads', () => {
  const firstMs = firstMinute(NOW_MS, 3);
  const series = minuteSeries(
    new Map([
      [Date.UTC(2026, 10, 30, 10, 31), [{ state: 'ACCEPTED', withinMs: 400, leads: 3 }]],
      [Date.UTC(2026, 10, 30, 10, 29), [{ state: 'ACCEPTED', withinMs: 400, leads: 9 }]],
    ]),
    firstMs,
    3,
  );
  expect(series.map(({ at, leads, p50Ms }) => [at.toISOString(), leads, p50Ms])).toEqual([
    ['2026-11-30T10:30:00.000Z', 0, null],
    ['2026-11-30T10:31:00.000Z', 3, 400],
    ['2026-11-30T10:32:00.000Z', 0, null],
  ]);
});
