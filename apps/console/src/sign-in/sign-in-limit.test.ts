import { expect, test, vi } from 'vitest';
import { type Attempt, createSignInLimit } from './sign-in-limit.ts';

type Limit = ReturnType<typeof createSignInLimit>;

const ops = (address: string): Attempt => ({ address, account: 'ops' });
const eyes = (address: string): Attempt => ({ address, account: 'eyes' });
const nth = (n: number) => `192.0.2.${n}`;

function fail(limit: Limit, attempt: Attempt, times: number): void {
  for (let n = 0; n < times; n += 1) limit.begin(attempt);
}

test('an attempt counts while it is judged, and not any more when it succeeds', () => {
  const limit = createSignInLimit({ failures: 1 });
  for (let n = 0; n < 20; n += 1) {
    const attempt = { address: nth(1), account: `user ${n}` };
    limit.begin(attempt);
    expect(limit.blockedForMs(attempt)).toBeGreaterThan(0);
    limit.succeeded(attempt);
  }
  expect(limit.blockedForMs(ops(nth(1)))).toBe(0);
});

test('an address that fails too often is blocked, others are not', () => {
  const limit = createSignInLimit({ failures: 3, forMs: 60_000 });
  fail(limit, ops(nth(1)), 2);
  expect(limit.blockedForMs(ops(nth(1)))).toBe(0);
  fail(limit, ops(nth(1)), 1);
  expect(limit.blockedForMs(ops(nth(1)))).toBeGreaterThan(0);
  expect(limit.blockedForMs(ops(nth(2)))).toBe(0);
});

test('who gets in begins anew, for this account only: guesses at another still count', () => {
  const limit = createSignInLimit({ failures: 3 });
  fail(limit, ops(nth(1)), 2);
  limit.begin(ops(nth(1)));
  limit.succeeded(ops(nth(1)));
  fail(limit, ops(nth(1)), 2);
  expect(limit.blockedForMs(ops(nth(1)))).toBe(0);
  limit.begin(eyes(nth(1)));
  limit.succeeded(eyes(nth(1)));
  fail(limit, ops(nth(1)), 1);
  expect(limit.blockedForMs(ops(nth(1)))).toBeGreaterThan(0);
  expect(limit.blockedForMs(eyes(nth(1)))).toBe(0);
});

test('an address that guesses at one account after the other is blocked for all but those that got in there', () => {
  const limit = createSignInLimit({ failures: 3 });
  limit.begin(eyes(nth(1)));
  limit.succeeded(eyes(nth(1)));
  for (let n = 0; n < 9; n += 1) limit.begin({ address: nth(1), account: `user ${n}` });
  expect(limit.blockedForMs(ops(nth(1)))).toBeGreaterThan(0);
  expect(limit.blockedForMs(eyes(nth(1)))).toBe(0);
});

test('an account that many addresses guess at is blocked for new ones, and open where its person signed in', () => {
  const limit = createSignInLimit({ failures: 3 });
  limit.begin(ops(nth(1)));
  limit.succeeded(ops(nth(1)));
  for (let n = 0; n < 30; n += 1) limit.begin(ops(nth(100 + n)));
  expect(limit.blockedForMs(ops(nth(2)))).toBeGreaterThan(0);
  expect(limit.blockedForMs(ops(nth(1)))).toBe(0);
  expect(limit.blockedForMs(eyes(nth(2)))).toBe(0);
});

test('a block ends', async () => {
  const limit = createSignInLimit({ failures: 1, forMs: 5 });
  fail(limit, ops(nth(1)), 1);
  await vi.waitUntil(() => limit.blockedForMs(ops(nth(1))) === 0);
});

test('forgets the least recent failures rather than grow without end', () => {
  const limit = createSignInLimit({ failures: 1, addresses: 2 });
  for (const n of [1, 2, 3]) fail(limit, ops(nth(n)), 1);
  expect(limit.blockedForMs(ops(nth(1)))).toBe(0);
  expect(limit.blockedForMs(ops(nth(3)))).toBeGreaterThan(0);
});
