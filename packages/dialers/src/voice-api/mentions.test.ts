import { describe, expect, it } from 'vitest';
import { createMentions } from './mentions.ts';

const JANE = { externId: '01980a5e-0000-7000-8000-00000000000a', phone: '5551234567', fields: {} };
const JOHN = { externId: '01980a5e-0000-7000-8000-00000000000b', phone: '5551234568', fields: {} };
const mentions = createMentions([JANE, JOHN]);

describe('the owner of a row', () => {
  it.each([
    ['whose id is a value', [JOHN.externId, '(hidden)']],
    ['whose id is a value in capitals, with blanks', [` ${JOHN.externId.toUpperCase()} `]],
    ['whose id is within a value', [`externId=${JOHN.externId};x`]],
    ['whose phone is a value', ['(hidden)', null, JOHN.phone]],
    ['whose phone is a value with +1', [`+1${JOHN.phone}`]],
    ['whose phone is a value with 1', [`1${JOHN.phone}`]],
    ['whose phone is a value, formatted', ['(555) 123-4568']],
    ['whose id and phone are values', [JOHN.externId, JOHN.phone]],
    ['whose row comes as one text', [`${JOHN.externId},${JOHN.phone},John,Doe`]],
    ['whose row comes as one text, without the id', [`"${JOHN.phone}";"John";"Doe"`]],
    ["whose row holds another's phone as well as its id", [JOHN.externId, JOHN.phone, JANE.phone]],
  ])('is the lead %s', (_name, rowData) => {
    expect(mentions.ownerOf({ rowData })).toBe(1);
  });

  it.each<[string, (string | null)[] | null | undefined]>([
    ['shows nothing', ['(not shown)', null, '']],
    ['is empty', []],
    ['has null for values', null],
    ['has no values', undefined],
    ['holds two ids', [JANE.externId, JOHN.externId]],
    ['holds two phones and no id', [JANE.phone, JOHN.phone]],
    ["holds one lead's id and only another's phone", [JANE.externId, JOHN.phone]],
    ['holds the phone of nobody', ['5551234569']],
    ['holds the digits of a phone within a longer number', ['95551234568']],
  ])('is not known if the row %s', (_name, rowData) => {
    expect(mentions.ownerOf({ ...(rowData === undefined ? {} : { rowData }) })).toBeUndefined();
  });

  it('is not known by a phone that two leads have', () => {
    const twins = createMentions([JANE, { ...JOHN, phone: JANE.phone }]);
    expect(twins.ownerOf({ rowData: [JANE.phone] })).toBeUndefined();
    expect(twins.ownerOf({ rowData: [JANE.externId, JANE.phone] })).toBe(0);
  });
});

describe('a text', () => {
  it.each([
    `refused: ${JOHN.externId}`,
    `refused: ${JOHN.externId.toUpperCase()}`,
    `refused: ${JOHN.phone}.`,
    'refused: +1 (555) 123-4568, as before',
    'refused: 0015551234568',
    `refused: ${JANE.phone} and ${JOHN.phone}`,
    `refused: ${JANE.phone} ${JOHN.phone}`,
  ])('names another lead: %s', (text) => {
    expect(mentions.namesAnother(text, 0)).toBe(true);
  });

  it.each(['', 'refused', `refused: ${JANE.externId}`, `refused: ${JANE.phone}`, 'list 5551234569 of 2026'])(
    'names no other lead: %s',
    (text) => {
      expect(mentions.namesAnother(text, 0)).toBe(false);
    },
  );
});

it('a megabyte of digits and blanks is read in linear time', () => {
  for (const text of ['1 '.repeat(500_000), `1${' '.repeat(1_000_000)}`, '1'.repeat(1_000_000)]) {
    expect(mentions.namesAnother(text, 0)).toBe(false);
    expect(mentions.ownerOf({ rowData: [text] })).toBeUndefined();
  }
});
