import { expect, test } from 'vitest';
import { selfTimeByPlace } from './self-time.ts';

test('time is told by package, most first, without what was idle or the profiler', () => {
  const frame = (id: number, url: string, functionName = 'f') => ({ id, callFrame: { functionName, url } });
  const profile = {
    nodes: [
      frame(1, '', '(idle)'),
      frame(2, 'file:///clone/node_modules/bullmq/dist/esm/classes/worker.js'),
      frame(3, 'file:///clone/apps/worker/src/lane/lane.ts'),
      frame(4, 'node:net'),
      frame(5, 'file:///clone/node_modules/a/node_modules/@prisma/client/runtime.js'),
      frame(6, '', '(garbage collector)'),
      frame(7, '', 'dispatch'),
    ],
    samples: [1, 2, 2, 3, 4, 5, 6, 7],
    timeDeltas: [1_000, 30, 40, 50, 40, 30, 20, 700],
  };
  expect(selfTimeByPlace(profile)).toEqual([
    ['bullmq', 70],
    ['apps/worker', 50],
    ['node', 40],
    ['@prisma/client', 30],
    ['(garbage collector)', 20],
  ]);
});
