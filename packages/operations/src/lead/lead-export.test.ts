import { expect, test } from 'vitest';
import { exportName } from './lead-export.ts';

const ZONE = 'America/New_York';
const NOW = new Date('2026-12-01T03:00:00Z');
const at = (time: string) => Date.parse(time);

test.each([
  [
    'a day of the zone',
    { fromMs: at('2026-11-29T05:00:00Z'), toMs: at('2026-11-30T05:00:00Z') },
    '2026-11-29',
  ],
  [
    'several days',
    { fromMs: at('2026-11-01T05:00:00Z'), toMs: at('2026-11-30T17:00:00Z') },
    '2026-11-01-to-2026-11-30',
  ],
  ['since a day', { fromMs: at('2026-11-29T05:00:00Z') }, '2026-11-29-to-2026-11-30'],
  ['until a day', { toMs: at('2026-11-29T05:00:00Z') }, 'until-2026-11-28'],
  ['all', {}, 'until-2026-11-30'],
])('the file of %s is named by it', (_case, { fromMs, toMs }: { fromMs?: number; toMs?: number }, days) => {
  expect(exportName('Acme Solar', { fromMs, toMs }, ZONE, NOW)).toBe(`leads-acme-solar-${days}.csv`);
});

test('a name without Latin letters is left out; one that ends a header is harmless', () => {
  expect(exportName('電話', {}, ZONE, NOW)).toBe('leads-until-2026-11-30.csv');
  expect(exportName('A"\r\nX: y', {}, ZONE, NOW)).toBe('leads-a-x-y-until-2026-11-30.csv');
});
