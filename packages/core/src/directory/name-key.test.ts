import { expect, test } from 'vitest';
import { nameKey, tidyName } from './name-key.ts';

test.each([
  'acme solar',
  'ACME SOLAR',
  ' Acme  Solar ',
  'Acme\u00a0Solar',
  'Acme\tSolar',
  'Acme\u200b Solar',
  '\u202aAcme Solar\u202c',
  'Ａｃｍｅ　Ｓｏｌａｒ',
])('%j reads as Acme Solar', (name) => {
  expect(nameKey(name)).toBe(nameKey('Acme Solar'));
});

test.each([
  ['Caf\u00e9', 'Cafe\u0301'],
  ['STRASSE', 'Straße'],
])('%j reads as %j', (a, b) => {
  expect(nameKey(a)).toBe(nameKey(b));
});

test('other names are others, and a name is kept as it was typed', () => {
  expect(nameKey('Acme Solar')).not.toBe(nameKey('Acme Solar 2'));
  expect(nameKey('AcmeSolar')).not.toBe(nameKey('Acme Solar'));
  expect(tidyName('  Acme\u00a0 Solar\u200b™ ')).toBe('Acme Solar™');
});
