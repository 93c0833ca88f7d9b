import { describe, expect, test } from 'vitest';
import { FORWARDABLE_FIELDS, LEAD_FIELDS, OPTION_FIELDS } from '../lead/lead-fields.ts';
import { changedIntake, PLAIN_INTAKE, REQUEST_FIELDS, readIntakeSettings } from './intake-settings.ts';

describe('settings as they are stored', () => {
  test('are read as they were written', () => {
    const settings = {
      map: { auxData1: 'source', leadPhone: 'Phone Number' },
      defaults: { state: 'FL', leadPriority: 5 },
      forms: true,
    };
    expect(readIntakeSettings(settings)).toEqual(settings);
  });

  test('what this release cannot read is ignored, and all else is read', () => {
    const stored = {
      map: { auxData1: 'source', laterField: 'x', zip: 7, city: '__proto__', state: 'x'.repeat(256) },
      defaults: { state: 'FL', zip: 7, laterField: 'x', leadPhone: '5551234567', leadPriority: 'high' },
      forms: 'sometimes',
      later: [],
    };
    expect(readIntakeSettings(stored)).toEqual({
      map: { auxData1: 'source' },
      defaults: { state: 'FL' },
      forms: false,
    });
  });

  test.each([[null], [undefined], [7], ['x'], [[]], [{}], [{ map: null, defaults: [1], forms: null }]])(
    '%j: nothing is switched on',
    (stored) => {
      expect(readIntakeSettings(stored)).toEqual(PLAIN_INTAKE);
    },
  );
});

describe('a change', () => {
  const stored = { map: { auxData1: 'source', laterField: 'x' }, defaults: { state: 'FL' }, later: 1 };

  test('leaves what it does not name, and what a later release has written', () => {
    expect(changedIntake(stored, { map: { zip: 'postal' } })).toEqual({
      ...stored,
      map: { ...stored.map, zip: 'postal' },
    });
    expect(changedIntake(stored, { forms: true })).toEqual({ ...stored, forms: true });
  });

  test('null removes', () => {
    const changed = changedIntake(stored, { map: { auxData1: null }, defaults: { state: null, zip: null } });
    expect(changed).toEqual({ map: { laterField: 'x' }, defaults: {}, later: 1 });
  });

  test('of nothing stored is the change', () => {
    expect(changedIntake(null, { defaults: { state: 'FL' } })).toEqual({ defaults: { state: 'FL' } });
  });
});

test('every field of a request can be mapped', () => {
  const lead = ['leadPhone', ...LEAD_FIELDS].map((name) => [name, 'lead']);
  const options = OPTION_FIELDS.map((name) => [name, 'options']);
  const further = FORWARDABLE_FIELDS.filter((name) => !OPTION_FIELDS.some((option) => option === name));
  expect(new Map([...REQUEST_FIELDS].toSorted())).toEqual(
    new Map(
      [['campaignId', 'body'], ...lead, ...options, ...further.map((name) => [name, 'lead'])].toSorted() as [
        string,
        string,
      ][],
    ),
  );
});
