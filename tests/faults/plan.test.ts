import { expect, test } from 'vitest';
import { catalogue } from './catalogue/catalogue.ts';
import { planOf } from './plan.ts';

const namesFor = (seed: number, only: readonly string[] = []) =>
  planOf({ catalogue, seed, seconds: 1, only }).map(({ name, what }) => `${name}: ${what}`);

test('one seed, one plan; another seed, other combinations of the same faults', () => {
  expect(namesFor(1)).toEqual(namesFor(1));
  expect(namesFor(2)).not.toEqual(namesFor(1));
  expect(namesFor(2).slice(0, catalogue.length)).toEqual(namesFor(1).slice(0, catalogue.length));
});

test('every fault has a name of its own, and every one can be chosen', () => {
  const names = catalogue.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(namesFor(1, [name])).toHaveLength(1);
  expect(namesFor(1, ['redis']).length).toBeGreaterThan(1);
  expect(namesFor(1, ['no-such-fault'])).toEqual([]);
});

test('a combination strikes each target at most once', () => {
  for (let seed = 0; seed < 50; seed += 1) {
    for (const { what, name } of planOf({ catalogue, seed, seconds: 1, only: ['combination'] })) {
      const parts = catalogue.filter((fault) => what.split(' + ').includes(fault.what));
      expect(parts.length, name).toBeGreaterThanOrEqual(2);
      expect(new Set(parts.map(({ target }) => target)).size).toBe(parts.length);
    }
  }
});
