import { describe, expect, test } from 'vitest';
import { type LeadRequest, leadRequestSchema } from './lead-request.ts';
import { requestParts } from './request-digest.ts';

const lead = { leadPhone: '5551234567', firstName: 'Jane', zip: '33101' };
const body = { campaignId: '1', lead, options: { dialPriority: 'IMMEDIATE', description: 'Spring' } };
const request = (other: object): LeadRequest => leadRequestSchema.parse({ ...body, ...other });
const digest = (other: object) => requestParts('company', request(other), 'phone');

const one = digest({});

describe('equal requests have equal parts', () => {
  test.each([
    ['another order', { options: { description: 'Spring', dialPriority: 'IMMEDIATE' } }],
    ['the phone written otherwise', { lead: { ...lead, leadPhone: '(555) 123-4567' } }],
    ['nulls and empty texts', { lead: { ...lead, email: null, city: '' } }],
    ['what is ignored', { lead: { ...lead, callerId: '2065550100' }, more: 1 }],
    ['spaces around the campaign', { campaignId: ' 1 ' }],
  ])('%s', (_case, other) => {
    expect(digest(other)).toBe(one);
  });
});

describe('other requests have other parts', () => {
  test.each([
    ['campaign', { campaignId: '2' }],
    ['field', { lead: { ...lead, firstName: 'Joan' } }],
    ['field’s place', { lead: { leadPhone: lead.leadPhone, lastName: 'Jane', zip: '33101' } }],
    ['option', { options: { ...body.options, description: 'Summer' } }],
    ['options', { options: null }],
  ])('another %s', (_case, other) => {
    expect(digest(other)).not.toBe(one);
  });

  test('another phone, another company', () => {
    expect(requestParts('company', request({}), 'other')).not.toBe(one);
    expect(requestParts('other', request({}), 'phone')).not.toBe(one);
  });
});

test('the text that stored digests are made of keeps its order: a keyed request is known again after an upgrade', () => {
  const fields = ['firstName', 'lastName', 'email', 'zip', 'city', 'address1', 'address2', 'state'];
  const names = [...fields, 'auxData1', 'auxData2', 'auxData3', 'auxData4', 'auxData5'];
  const options = {
    description: 'Spring',
    timeZoneOption: 'NPA_NXX',
    listState: 'ACTIVE',
    duplicateHandling: 'RETAIN_ALL',
    dialPriority: 'IMMEDIATE',
  };
  const texts = Object.fromEntries([...names].reverse().map((name) => [name, name]));
  const parts = JSON.parse(digest({ lead: { ...texts, leadPhone: lead.leadPhone }, options }));
  expect(Object.keys(parts[3])).toEqual(names);
  expect(Object.keys(parts[4])).toEqual(Object.keys(options).reverse());
});
