import { expect, test } from 'vitest';
import { median } from './median.ts';

test('the middle of an odd and of an even number of values, whatever their order', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([9, 1, 5, 2])).toBe(3.5);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
});
