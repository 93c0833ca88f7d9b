import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGroupCommit } from './group-commit.ts';

interface Item {
  readonly owner: string;
  readonly name: string;
  readonly size?: number;
}

const refused = new Error('refused');
const lost = new Error('connection lost');

/** Batches stay under way until they are let go. */
function setUp({ atOnce = 1, maxSize = 10, bad = new Set<string>(), error = refused } = {}) {
  const batches: { names: string[]; end: () => void }[] = [];
  const clock = { ms: 0 };
  const commits = createGroupCommit<Item, string>({
    commit: (items) =>
      new Promise((resolve, reject) => {
        const names = items.map(({ name }) => name);
        const end = () =>
          names.some((name) => bad.has(name)) ? reject(error) : resolve(names.map((name) => `${name} done`));
        batches.push({ names, end });
      }),
    atOnce,
    maxSize,
    sizeOf: ({ size = 1 }) => size,
    owners: { of: ({ owner }) => owner, mayRepeat: (failed) => failed === refused },
    now: () => clock.ms,
  });
  const submit = (...names: string[]) =>
    names.map((name) => {
      const result = commits.submit({ owner: name.slice(0, 1), name });
      result.catch(() => undefined);
      return result;
    });
  async function endNext(): Promise<string[]> {
    await turn();
    const batch = batches.shift();
    batch?.end();
    await turn();
    return batch?.names ?? [];
  }
  return { commits, submit, endNext, batches, clock };
}

test('a lone item goes at once, and what comes while it is under way goes together', async () => {
  const { submit, endNext } = setUp();
  const [a] = submit('a');
  await turn();
  submit('b', 'c', 'd');
  expect(await endNext()).toEqual(['a']);
  expect(await a).toBe('a done');
  expect(await endNext()).toEqual(['b', 'c', 'd']);
});

test('as many batches are under way as may be', async () => {
  const { submit, batches } = setUp({ atOnce: 2, maxSize: 2 });
  submit('a', 'b', 'c', 'd', 'e');
  await turn();
  await turn();
  expect(batches.map(({ names }) => names)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

test('one that is larger than a batch goes alone, and those behind it do not wait for it', async () => {
  const { commits, endNext } = setUp({ maxSize: 3 });
  for (const [name, size] of [
    ['a', 2],
    ['b', 5],
    ['c', 1],
  ] as const) {
    void commits.submit({ owner: name, name, size });
  }
  expect(await endNext()).toEqual(['a', 'c']);
  expect(await endNext()).toEqual(['b']);
});

test('two of one owner are never in one batch', async () => {
  const { submit, endNext } = setUp();
  submit('a1', 'a2', 'b1');
  expect(await endNext()).toEqual(['a1', 'b1']);
  expect(await endNext()).toEqual(['a2']);
});

test('a batch that is refused is repeated one by one, and only the cause of it fails', async () => {
  const { submit, endNext } = setUp({ bad: new Set(['b']) });
  const [a, b, c] = submit('a', 'b', 'c');
  expect(await endNext()).toEqual(['a', 'b', 'c']);
  expect([await endNext(), await endNext(), await endNext()]).toEqual([['a'], ['b'], ['c']]);
  expect(await a).toBe('a done');
  await expect(b).rejects.toBe(refused);
  expect(await c).toBe('c done');
});

test('an owner whose item has failed alone goes alone, for a while', async () => {
  const { submit, endNext, clock } = setUp({ bad: new Set(['b1']) });
  submit('b1');
  await endNext();
  submit('a1', 'b2', 'c1');
  expect(await endNext()).toEqual(['b2']);
  expect(await endNext()).toEqual(['a1', 'c1']);
  clock.ms = 10_001;
  submit('a2', 'b3');
  expect(await endNext()).toEqual(['a2', 'b3']);
});

test('who has no trouble does not wait behind many items of one who has', async () => {
  const { submit, endNext } = setUp({ bad: new Set(['x1', 'y1']) });
  submit('x1');
  await endNext();
  submit('x2', 'x3', 'x4', 'x5', 'x6');
  submit('a1', 'y1', 'b1');
  const order: string[] = [];
  for (let batch = await endNext(); batch.length > 0; batch = await endNext()) order.push(batch.join(' '));
  expect(order).toEqual(['x2', 'a1 y1 b1', 'x3', 'a1', 'y1', 'b1', 'x4', 'x5', 'x6']);
});

test('an owner whose item took long alone goes alone, for a while', async () => {
  const bad = new Set(['b1']);
  const { submit, endNext, clock } = setUp({ bad });
  submit('a1', 'b1', 'c1');
  await endNext();
  bad.clear();
  // The two of them that are repeated at once.
  await turn();
  clock.ms = 150;
  await endNext();
  clock.ms = 160;
  expect(await endNext()).toEqual(['b1']);
  await endNext();
  submit('b2', 'c2');
  expect(await endNext()).toEqual(['b2']);
  expect(await endNext()).toEqual(['c2']);
});

test('where many owners are in trouble, only some go alone', async () => {
  const owners = Array.from('abcdefghijkl');
  const { submit, endNext } = setUp({ bad: new Set(owners.map((owner) => `${owner}1`)), maxSize: 100 });
  submit(...owners.map((owner) => `${owner}1`));
  for (let batches = 0; batches <= owners.length; batches += 1) await endNext();
  submit(...owners.map((owner) => `${owner}2`));
  const batches = [];
  for (let left = 0; left < 11; left += 1) batches.push(await endNext());
  expect(batches.filter(({ length }) => length > 1)).toEqual([['k2', 'l2']]);
});

test('after an error of unknown effect nothing is repeated', async () => {
  const { submit, endNext, batches } = setUp({ bad: new Set(['a']), error: lost });
  const both = submit('a', 'b');
  await endNext();
  for (const each of both) await expect(each).rejects.toBe(lost);
  expect(batches).toEqual([]);
});

test('whatever comes, each item has its own result, and the bad ones alone fail', async () => {
  const item = fc.record({
    owner: fc.constantFrom('a', 'b', 'c', 'd'),
    size: fc.integer({ min: 1, max: 6 }),
    isBad: fc.boolean(),
    turnsBefore: fc.nat({ max: 2 }),
  });
  const property = fc.asyncProperty(fc.array(item, { maxLength: 30 }), fc.nat(), async (items, salt) => {
    const seen: string[] = [];
    const commits = createGroupCommit<Item & { isBad: boolean }, string>({
      async commit(batch) {
        expect(new Set(batch.map(({ owner }) => owner)).size).toBe(batch.length);
        for (let left = (salt + seen.length) % 3; left > 0; left -= 1) await turn();
        if (batch.some(({ isBad }) => isBad)) throw refused;
        seen.push(...batch.map(({ name }) => name));
        return batch.map(({ name }) => name);
      },
      atOnce: 2,
      maxSize: 8,
      sizeOf: ({ size = 1 }) => size,
      owners: { of: ({ owner }) => owner, mayRepeat: (error) => error === refused },
    });
    const results: Promise<string>[] = [];
    for (const [at, { turnsBefore, ...each }] of items.entries()) {
      for (let left = turnsBefore; left > 0; left -= 1) await turn();
      results.push(commits.submit({ ...each, name: String(at) }));
      results.at(-1)?.catch(() => undefined);
    }
    const settled = await Promise.allSettled(results);
    for (const [at, result] of settled.entries()) {
      if (items[at]?.isBad) expect(result).toEqual({ status: 'rejected', reason: refused });
      else expect(result).toEqual({ status: 'fulfilled', value: String(at) });
    }
    expect(seen.length).toBe(new Set(seen).size);
  });
  await fc.assert(property, { seed: 17, numRuns: 200 });
});
