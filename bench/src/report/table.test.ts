import { expect, test } from 'vitest';
import { figure, table } from './table.ts';

test('columns line up', () => {
  expect(
    table(
      ['what', 'n'],
      [
        ['long name', '1'],
        ['x', '1000'],
      ],
    ),
  ).toBe(['what          n', 'long name     1', 'x          1000'].join('\n'));
});

test('a figure has about three digits, a missing one is a dash', () => {
  expect([0, 0.123, 12.34, 1234.5, null].map(figure)).toEqual(['0.0', '0.12', '12.3', '1235', '–']);
});
