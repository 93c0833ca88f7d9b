import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { optionsAsSent } from '../directory/dialer-settings.ts';
import type { Options } from '../lead/lead-request.ts';
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

it.each([
  ['another tag', { dncTags: ['a', 'b'] }, { dncTags: ['a', 'c'] }],
  ['the same tags in another order', { dncTags: ['a', 'b'] }, { dncTags: ['b', 'a'] }],
  ['tags that only read alike', { dncTags: ['a,b'] }, { dncTags: ['a', 'b'] }],
  ['a text that reads like a list', { dncTags: ['a'] }, { dncTags: '["a"]' }],
  [
    'a text that reads like a boolean',
    { phoneNumbersI18nEnabled: true },
    { phoneNumbersI18nEnabled: 'true' },
  ],
  ['E.164 mode', { phoneNumbersI18nEnabled: true }, {}],
])('tells apart %s', (_name, one, other) => {
  expect(groupKey({ ...options, ...one })).not.toBe(groupKey({ ...options, ...other }));
});

const texts = fc.constantFrom('', '"', 'x', 'x","b":"x', 'true', '["x"]');
const values = fc.oneof(texts, fc.boolean(), fc.array(texts, { maxLength: 3 }));
const some = fc.dictionary(fc.constantFrom('a', 'b', 'a":"'), values);

it('is equal for equal options only, whatever is in them', () => {
  fc.assert(
    fc.property(some, some, (one, other) => {
      expect(groupKey(one) === groupKey(other)).toBe(isDeepStrictEqual({ ...one }, { ...other }));
    }),
  );
});

it('is equal for options that are sent alike only, whatever words a dialer has for them', () => {
  const words = fc.constantFrom('IMMEDIATE', 'NORMAL', 'FIRST_PASS', 'SECOND_PASS');
  const sent = fc.record(
    { dialPriority: words, dncTags: fc.array(texts, { maxLength: 2 }) },
    { requiredKeys: [] },
  );
  const settings = fc.record({
    forward: fc.constant<'dncTags'[]>(['dncTags']),
    map: fc.dictionary(
      words.map((word) => `dialPriority.${word}`),
      words,
    ),
    phoneFormat: fc.constantFrom('national' as const, 'e164' as const),
  });
  fc.assert(
    fc.property(sent, sent, settings, (one, other, dialer) => {
      const [asSent, otherAsSent] = [
        optionsAsSent(one as Options, dialer),
        optionsAsSent(other as Options, dialer),
      ];
      const alike =
        isDeepStrictEqual(one.dncTags, other.dncTags) &&
        wordOf(one, dialer.map) === wordOf(other, dialer.map);
      expect(groupKey(asSent) === groupKey(otherAsSent)).toBe(alike);
    }),
  );
});

function wordOf({ dialPriority }: { dialPriority?: string }, map: Readonly<Record<string, string>>) {
  return map[`dialPriority.${dialPriority}`] ?? dialPriority;
}
