import { describe, expect, test } from 'vitest';
import { FORWARDABLE, FORWARDABLE_FIELDS, LEAD_FIELDS, OPTION_FIELDS } from './lead-fields.ts';
import {
  dropUnforwarded,
  fieldsOf,
  leadPayload,
  leadPayloadSchema,
  leadRequestSchema,
} from './lead-request.ts';
import { requestParts } from './request-digest.ts';

const whole = () => ({
  campaignId: '1',
  lead: {
    leadPhone: '5551234567',
    ...Object.fromEntries(LEAD_FIELDS.map((name) => [name, name])),
    ...Object.fromEntries(FORWARDABLE.lead.map((name) => [name, name])),
  } as Record<string, unknown>,
  options: { dialPriority: 'NORMAL', dncTags: ['a'] } as Record<string, unknown>,
});

describe('what a dialer is not sent', () => {
  test('is gone before anything is validated, and all else stays', () => {
    const body = whole();
    dropUnforwarded(body, ['leadPriority']);
    expect(Object.keys(body.lead)).toEqual(['leadPhone', ...LEAD_FIELDS, 'leadPriority']);
    expect(body.options).toEqual({ dialPriority: 'NORMAL' });
  });

  test('nothing is gone where all is sent', () => {
    const body = whole();
    dropUnforwarded(body, FORWARDABLE_FIELDS);
    expect(body).toEqual(whole());
  });

  test.each([
    [null],
    [undefined],
    ['x'],
    [7],
    [[]],
    [{}],
    [{ lead: null, options: 'x' }],
    [{ lead: [1], options: 2 }],
  ])('%j is left to the validation', (body) => {
    const copy = structuredClone(body);
    dropUnforwarded(body, []);
    expect(body).toEqual(copy);
  });
});

test('no field is both always sent and switched on, or lead field and option', () => {
  const names = [...LEAD_FIELDS, ...OPTION_FIELDS, ...FORWARDABLE.lead];
  expect(new Set(names).size).toBe(names.length);
});

test('a stored lead has its fields in one order at every depth, without absent ones, and is read as it was', () => {
  const extendedLeadData = { b: '2', a: '' };
  const request = leadRequestSchema.parse({
    campaignId: '1',
    lead: { leadPriority: 0, title: '', suffix: null, extendedLeadData, zip: '1', leadPhone: '5551234567' },
    options: { dncTags: ['b', 'a'] },
  });
  expect(JSON.stringify(fieldsOf(request))).toBe(
    '{"zip":"1","leadPriority":0,"extendedLeadData":{"a":"","b":"2"}}',
  );
  const payload = leadPayload(request, '5551234567', { description: 'House' });
  expect(payload.options).toMatchObject({ description: 'House', dncTags: ['b', 'a'] });
  expect(leadPayloadSchema.parse(JSON.parse(JSON.stringify(payload)))).toEqual(payload);
});

test('an empty list or object is the same as none', () => {
  const asked = (lead: object, options: object | undefined) => {
    const request = leadRequestSchema.parse({
      ...{ campaignId: '1', lead: { leadPhone: '5551234567', ...lead } },
      ...(options && { options }),
    });
    return [leadPayload(request, '5551234567', {}), requestParts('company', request, 'phone')];
  };
  expect(asked({ extendedLeadData: {} }, { dncTags: [] })).toEqual(asked({}, undefined));
});

test('a lead of an earlier release is read: all of it was text', () => {
  const payload = { phone: '5551234567', fields: { zip: '1' }, options: { dialPriority: 'IMMEDIATE' } };
  expect(leadPayloadSchema.parse(payload)).toEqual(payload);
});
