import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createUnreportedBacklogs } from './unreported-backlogs.ts';

function backlogs(length: number) {
  return createUnreportedBacklogs({
    maxBacklog: 100,
    async count() {
      await setImmediate();
      return length;
    },
    onError: (error) => {
      throw error;
    },
  });
}

test('of many that come at once and wait for the same count, as many enter as there is room for', async () => {
  const { enter } = backlogs(30);
  const entered = await Promise.all(Array.from({ length: 200 }, (_, n) => enter('dialer', `lead ${n}`)));
  expect(entered.filter(Boolean)).toHaveLength(70);
});

test('who only asks whether there is room takes none', async () => {
  const { enter, hasRoom, leave } = backlogs(99);
  const asked = await Promise.all(Array.from({ length: 10 }, () => hasRoom('dialer')));
  expect(new Set(asked)).toEqual(new Set([true]));
  expect([await enter('dialer', 'a'), await enter('dialer', 'b'), await hasRoom('dialer')]).toEqual([
    ...[true, false, false],
  ]);
  leave('dialer', 'a');
  expect(await enter('dialer', 'b')).toBe(true);
});
