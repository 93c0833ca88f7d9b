import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { within } from './within.ts';

const never = new Promise<never>(() => {});

test('what comes in time counts, as does an error', async () => {
  expect(await within(Promise.resolve('done'), 10_000, () => 'late')).toBe('done');
  await expect(within(Promise.reject(new Error('failed')), 10_000, () => 'late')).rejects.toThrow('failed');
});

test('what comes too late does not', async () => {
  expect(await within(never, 1, () => 'late')).toBe('late');
  const thrown = within(never, 1, () => {
    throw new Error('too late');
  });
  await expect(thrown).rejects.toThrow('too late');
});

test('a response that has arrived wins, however long the event loop was blocked', async () => {
  const arriving = delay(5, 'response').then((response) => response);
  const answered = within(arriving, 2, () => 'late');
  const blockedUntil = performance.now() + 30;
  while (performance.now() < blockedUntil);
  // Both timers are due now; the later one still comes before what the limit does.
  expect(await answered).toBe('response');
});
