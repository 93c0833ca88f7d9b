import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupKey } from './group-key.ts';

const options = { dialPriority: 'IMMEDIATE', duplicateHandling: 'RETAIN_ALL', description: 'web' };

it('does not depend on the order of the options', () => {
  const backwards = Object.fromEntries(Object.entries(options).reverse());
  expect(groupKey(backwards)).toBe(groupKey(options));
});

it.each([
  ['another value', { ...options, dialPriority: 'FIRST_PASS' }],
  ['another description', { ...options, description: 'web ' }],
  ['one option less', { dialPriority: 'IMMEDIATE', duplicateHandling: 'RETAIN_ALL' }],
  ['one option more', { ...options, listState: 'ACTIVE' }],
])('tells apart %s', (_name, others) => {
  expect(groupKey(others)).not.toBe(groupKey(options));
});

it('is equal for equal options only, whatever is in them', () => {
  const some = fc.dictionary(fc.constantFrom('a', 'b', 'a":"'), fc.constantFrom('', '"', 'x', 'x","b":"x'));
  fc.assert(
    fc.property(some, some, (one, other) => {
      const equal =
        Object.keys({ ...one, ...other }).every((name) => one[name] === other[name]) &&
        Object.keys(one).length === Object.keys(other).length;
      expect(groupKey(one) === groupKey(other)).toBe(equal);
    }),
  );
});
