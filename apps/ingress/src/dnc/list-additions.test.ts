import { expect, test, vi } from 'vitest';
import { createListAdditions } from './list-additions.ts';

/** For a busy machine. */
const PATIENCE = { timeout: 30_000 };

const phone = (phoneDigest: string) => ({ phoneDigest });

/** Statements that end when they are told to. */
function controlled() {
  const statements: {
    readonly companyId: string;
    readonly digests: string[];
    end(added: string[]): void;
    fail(error: Error): void;
  }[] = [];
  const additions = createListAdditions<{ phoneDigest: string }>(
    (companyId, phones) =>
      new Promise((end, fail) => {
        statements.push({ companyId, digests: phones.map(({ phoneDigest }) => phoneDigest), end, fail });
      }),
  );
  return { statements, additions };
}

test('the first goes at once, and those that come meanwhile share the next statement', async () => {
  const { statements, additions } = controlled();
  const first = additions.add('a', phone('1'));
  const others = ['2', '3', '2'].map((digest) => additions.add('a', phone(digest)));
  expect(statements.map(({ digests }) => digests)).toEqual([['1']]);
  statements[0]?.end(['1']);
  expect(await first).toBe('added');
  await vi.waitUntil(() => statements.length === 2, PATIENCE);
  expect(statements[1]?.digests).toEqual(['2', '3', '2']);
  statements[1]?.end(['2']);
  expect(await Promise.all(others)).toEqual(['added', 'there already', 'there already']);
});

test('companies do not wait for each other, up to three statements at once', async () => {
  const { statements, additions } = controlled();
  const all = ['a', 'b', 'c', 'd'].map((companyId) => additions.add(companyId, phone('1')));
  expect(statements.map(({ companyId }) => companyId)).toEqual(['a', 'b', 'c']);
  statements[1]?.end([]);
  expect(await all[1]).toBe('there already');
  await vi.waitUntil(() => statements.at(-1)?.companyId === 'd', PATIENCE);
  for (const { end } of statements) end(['1']);
  await Promise.all(all);
});

test('a statement that fails is an error for those in it only', async () => {
  const { statements, additions } = controlled();
  const first = additions.add('a', phone('1'));
  const second = additions.add('a', phone('2'));
  statements[0]?.fail(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await vi.waitUntil(() => statements.length === 2, PATIENCE);
  statements[1]?.end(['2']);
  expect(await second).toBe('added');
});
