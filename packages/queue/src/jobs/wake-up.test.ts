import { expect, test } from 'vitest';
import { createWakeUp } from './wake-up.ts';

const LONG_MS = 600_000;

test('a wait ends when it is woken', async () => {
  const { wake, wait } = createWakeUp();
  const waiting = wait(LONG_MS);
  wake();
  expect(await waiting).toBe(true);
});

test('a wait ends by itself', async () => {
  expect(await createWakeUp().wait(1)).toBe(false);
});

test('what woke before a wait ends it at once, unless it was looked at', async () => {
  const { wake, clear, wait } = createWakeUp();
  wake();
  await wait(LONG_MS);
  clear();
  let ended = false;
  const waiting = wait(LONG_MS).then(() => {
    ended = true;
  });
  await new Promise(setImmediate);
  expect(ended).toBe(false);
  wake();
  await waiting;
});

test('once it is stopped nobody waits', async () => {
  const { stop, wait } = createWakeUp();
  const waiting = wait(LONG_MS);
  stop();
  await waiting;
  await wait(LONG_MS);
});
