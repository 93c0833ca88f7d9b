import { expect, test, vi } from 'vitest';
import { createSignInLimit } from './sign-in-limit.ts';

function fail(limit: ReturnType<typeof createSignInLimit>, address: string, times: number): void {
  for (let n = 0; n < times; n += 1) limit.failed(address);
}

test('an address that fails too often is blocked, others are not', () => {
  const limit = createSignInLimit({ failures: 3, forMs: 60_000 });
  fail(limit, '192.0.2.1', 2);
  expect(limit.blockedForMs('192.0.2.1')).toBe(0);
  fail(limit, '192.0.2.1', 1);
  expect(limit.blockedForMs('192.0.2.1')).toBeGreaterThan(0);
  expect(limit.blockedForMs('192.0.2.2')).toBe(0);
});

test('who gets in begins anew', () => {
  const limit = createSignInLimit({ failures: 3 });
  fail(limit, '192.0.2.1', 2);
  limit.succeeded('192.0.2.1');
  fail(limit, '192.0.2.1', 2);
  expect(limit.blockedForMs('192.0.2.1')).toBe(0);
});

test('a block ends', async () => {
  const limit = createSignInLimit({ failures: 1, forMs: 5 });
  fail(limit, '192.0.2.1', 1);
  await vi.waitUntil(() => limit.blockedForMs('192.0.2.1') === 0);
});

test('forgets the least recent failures rather than grow without end', () => {
  const limit = createSignInLimit({ failures: 1, addresses: 2 });
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) fail(limit, address, 1);
  expect(limit.blockedForMs('192.0.2.1')).toBe(0);
  expect(limit.blockedForMs('192.0.2.3')).toBeGreaterThan(0);
});
