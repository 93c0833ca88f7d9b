import { expect, test } from 'vitest';
import { cpuTicks } from './process-usage.ts';

test('the CPU time of a process whose name has blanks and brackets', () => {
  const stat = '77 (node (a b) 1) S 1 77 77 0 -1 4194560 100 200 3 4 150 25 6 7 20 0 11 0 999';
  expect(cpuTicks(stat)).toBe(175);
  expect(cpuTicks(stat, { withEndedChildren: true })).toBe(188);
});
