import { expect, test, vi } from 'vitest';
import { createCompanyBatches } from './company-batches.ts';

/** For a busy machine. */
const PATIENCE = { timeout: 30_000 };

test('a batch has items up to its size, in their order, and one that is larger goes alone', async () => {
  const batches: (readonly number[])[] = [];
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { submit } = createCompanyBatches<number, number>({
    async run(_companyId, items) {
      batches.push(items);
      await gate;
      return items.map((item) => item * 10);
    },
    atOnce: 1,
    restMs: 1,
    maxSize: 10,
    sizeOf: (size) => size,
  });
  const results = [1, 4, 6, 1, 20, 5].map((size) => submit('a', size));
  expect(batches).toEqual([[1]]);
  open();
  expect(await Promise.all(results)).toEqual([10, 40, 60, 10, 200, 50]);
  expect(batches).toEqual([[1], [4, 6], [1], [20], [5]]);
});

test('what is left of a company comes after the other companies', async () => {
  const ran: string[] = [];
  const { submit } = createCompanyBatches<number, number>({
    async run(companyId, items) {
      ran.push(companyId);
      return items;
    },
    atOnce: 1,
    restMs: 1,
    maxSize: 1,
  });
  const results = [submit('a', 1), submit('a', 2), submit('a', 3), submit('b', 1)];
  await Promise.all(results);
  await vi.waitUntil(() => ran.length === 4, PATIENCE);
  expect(ran.indexOf('b')).toBeLessThan(ran.lastIndexOf('a'));
});
