import { expect, test } from 'vitest';
import { slope } from './slope.ts';

test('how much is added a step, noise or not', () => {
  const line = [0, 1, 2, 3].map((x) => [x, 7 + 2 * x] as const);
  expect(slope(line)).toBe(2);
  expect(slope(line.map(([x, y]) => [x, y + (x === 1 || x === 2 ? 5 : 0)] as const))).toBe(2);
  expect(slope([[1, 1]])).toBeNaN();
});
