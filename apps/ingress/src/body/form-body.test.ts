import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../answers/api-error.ts';
import { MOST_FORM_FIELDS, parseForm } from './form-body.ts';

const parsed = (text: string) => Object.fromEntries(parseForm(text));

describe('a form', () => {
  test.each([
    ['a=1&b=2', { a: ['1'], b: ['2'] }],
    ['a=x+y&b=x%20y&c=%2B', { a: ['x y'], b: ['x y'], c: ['+'] }],
    ['first+name=J%C3%BCrgen', { 'first name': ['Jürgen'] }],
    ['first%20name=Jürgen', { 'first name': ['Jürgen'] }],
    ['a=1=2&b=%3D', { a: ['1=2'], b: ['='] }],
    ['a=1&a=2&a=', { a: ['1', '2'] }],
    ['a=&b&=&&c=1', { c: ['1'] }],
    ['=x', { '': ['x'] }],
    ['toString=1', { toString: ['1'] }],
    ['', {}],
  ])('%j', (text, fields) => {
    expect(parsed(text)).toEqual(fields);
  });

  test.each([
    ['a=%'],
    ['a=%zz'],
    ['a=1%2'],
    ['%=1'],
    ['%='],
    ['a&%zz'],
    ['a=%FF'],
    ['a=%C3'],
    ['a=%ED%A0%80'],
    ['a=%c0%ae'],
  ])('%s is refused: a broken escape, or none of UTF-8', (text) => {
    expect(() => parseForm(text)).toThrow(expect.objectContaining({ code: 'MALFORMED_FORM' }));
  });

  test('has a maximum number of fields', () => {
    const pairs = Array.from({ length: MOST_FORM_FIELDS }, (_, n) => `a${n}=1`);
    expect(parseForm(pairs.join('&')).size).toBe(MOST_FORM_FIELDS);
    expect(() => parseForm([...pairs, 'b=1'].join('&'))).toThrow(
      new ApiError('VALIDATION_FAILED', {
        about: [{ path: '', message: `send at most ${MOST_FORM_FIELDS} fields` }],
      }).message,
    );
  });

  test('as any client of the standard writes it is read as it was meant', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 20 });
    fc.assert(
      fc.property(fc.array(fc.tuple(texts, texts), { maxLength: 20 }), (pairs) => {
        const meant = new Map<string, string[]>();
        for (const [name, value] of pairs) {
          if (value !== '') meant.set(name, [...(meant.get(name) ?? []), value]);
        }
        expect(parseForm(new URLSearchParams(pairs).toString())).toEqual(meant);
      }),
    );
  });

  test('any text is read or refused', () => {
    const pieces = fc.constantFrom(
      'a',
      'b',
      '=',
      '&',
      '+',
      '%',
      '%2',
      '%41',
      '%C3',
      '%BC',
      '%00',
      'ü',
      '__proto__',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (text) => {
        try {
          for (const values of parseForm(text.join('')).values()) expect(values).not.toContain('');
        } catch (error) {
          expect(error).toMatchObject({ status: 400 });
        }
      }),
    );
  });
});
