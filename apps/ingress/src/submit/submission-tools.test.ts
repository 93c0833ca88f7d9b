import { expect, test } from 'vitest';
import { waitLeftMs } from './submission-tools.ts';

const RECEIVED = { receivedAtMs: 1_000, deadlineMs: 26_000 };
const preferring = (waitMs: number) => ({ waitMs, applied: '' });

test.each([
  ['what it prefers, less what has passed', preferring(5_000), 2_000, 3_000],
  ['nothing, if that has passed', preferring(1_000), 3_000, 0],
  ['nothing, if it does not wait', preferring(0), 20, 0],
  ['not past the deadline', preferring(25_000), 26_000, 0],
  ['else until the deadline', undefined, 3_000, 22_000],
])('a caller waits %s', (_, preference, passedMs, leftMs) => {
  const databaseHealth = { now: () => RECEIVED.receivedAtMs + passedMs };
  const tools = { databaseHealth } as Parameters<typeof waitLeftMs>[0];
  expect(waitLeftMs(tools, { preference }, RECEIVED)).toBe(leftMs);
});
