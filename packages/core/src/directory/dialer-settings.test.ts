import { describe, expect, it, test } from 'vitest';
import {
  fieldsAsSent,
  leadSettingsSchema,
  optionsAsSent,
  PLAIN_LEADS,
  readLeadSettings,
} from './dialer-settings.ts';

describe('settings as they are stored', () => {
  const whole = {
    forward: ['leadPriority' as const, 'dncTags' as const],
    map: { 'dialPriority.FIRST_PASS': 'IMMEDIATE', 'listState.INACTIVE': 'PAUSED' },
    phoneFormat: 'e164' as const,
  };

  test('are read as they were written', () => {
    expect(readLeadSettings(JSON.parse(JSON.stringify(leadSettingsSchema.parse(whole))))).toEqual(whole);
  });

  test.each([
    [{}],
    [null],
    [undefined],
    ['x'],
    [[]],
    [{ forward: 'leadPriority', map: 7, phoneFormat: 'x' }],
  ])('%j: nothing is forwarded or mapped', (stored) => {
    expect(readLeadSettings(stored)).toEqual(PLAIN_LEADS);
    expect(PLAIN_LEADS).toEqual({ forward: [], map: {}, phoneFormat: 'national' });
  });

  test('of a later release are ignored where this one does not know them, and no more', () => {
    const later = {
      forward: ['leadPriority', 'favouriteColour', 7, 'dncTags'],
      map: { ...whole.map, 'dialPriority.SOMETIMES': 'NORMAL', 'listState.ACTIVE': { word: 'READY' } },
      phoneFormat: 'e164',
      more: true,
    };
    expect(readLeadSettings(later)).toEqual(whole);
  });
});

describe('options as they are sent', () => {
  const options = {
    dialPriority: 'FIRST_PASS',
    listState: 'ACTIVE',
    description: 'ACTIVE',
    dncTags: ['ACTIVE'],
  };
  const settings = { ...PLAIN_LEADS, forward: ['dncTags' as const] };

  it('are as they are without settings', () => {
    expect(optionsAsSent(options, settings)).toEqual(options);
  });

  it('have the words that are mapped, once, and nothing else changed', () => {
    const map = { 'dialPriority.FIRST_PASS': 'NORMAL', 'dialPriority.NORMAL': 'IMMEDIATE' };
    expect(optionsAsSent(options, { ...settings, map })).toEqual({ ...options, dialPriority: 'NORMAL' });
  });

  it('say so in E.164 mode', () => {
    expect(optionsAsSent(options, { ...settings, phoneFormat: 'e164' })).toEqual({
      ...options,
      phoneNumbersI18nEnabled: true,
    });
  });
});

it('what was switched off while a lead waited is not sent, and all else is', () => {
  const forward = ['title' as const];
  const { dncTags, ...left } = { dialPriority: 'NORMAL', dncTags: ['a'] };
  expect(optionsAsSent({ ...left, dncTags }, { ...PLAIN_LEADS, forward })).toEqual(left);
  const fields = { zip: '33101', title: 'Dr.', leadPriority: 7, extendedLeadData: { a: 'b' } };
  expect(fieldsAsSent(fields, { forward })).toEqual({ zip: '33101', title: 'Dr.' });
});

test.each([
  ['dialPriority.SOON', 'IMMEDIATE'],
  ['dialPriority', 'IMMEDIATE'],
  ['description.x', 'IMMEDIATE'],
  ['dncTags.x', 'IMMEDIATE'],
  ['constructor.name', 'IMMEDIATE'],
  ['dialPriority.FIRST_PASS.x', 'IMMEDIATE'],
  ['dialPriority.FIRST_PASS', ''],
  ['dialPriority.FIRST_PASS', 'now'],
  ['dialPriority.FIRST_PASS', 'A'.repeat(65)],
])('there is no mapping of %s to %j', (value, word) => {
  expect(leadSettingsSchema.safeParse({ map: { [value]: word } }).success).toBe(false);
});
