import { expect, test } from 'vitest';
import { percentile } from './percentile.ts';

test('a percentile is one of the values, whatever their order', () => {
  const values = [30, 10, 20, 40];
  expect(percentile(values, 0.5)).toBe(20);
  expect(percentile(values, 0.99)).toBe(40);
  expect(percentile([7], 0.5)).toBe(7);
  expect(percentile([], 0.5)).toBeNaN();
});
