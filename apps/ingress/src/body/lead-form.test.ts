import { expect, test } from 'vitest';
import { bodyOfForm } from './lead-form.ts';
import { type Fields, mapFields } from './map-fields.ts';

test.each([
  ['lead.source', 'source'],
  ['options.rank', 'rank'],
  ['lead.phone number', 'phone number'],
])('a field %s is found under that name, and without its prefix', (name, short) => {
  for (const source of [name, short]) {
    const body = bodyOfForm(new Map([[name, ['x']]]));
    const places = mapFields(body, { map: { auxData1: source }, defaults: {} });
    expect((body['lead'] as Fields)['auxData1']).toEqual(['x']);
    expect(places.get('lead.auxData1')).toBe(`lead.${source}`);
  }
});

test('a field of the API is in its part only, with or without a prefix', () => {
  const form = new Map([
    ['lead.city', ['Miami']],
    ['options.dialPriority', ['NORMAL']],
    ['lead.campaignId', ['7']],
  ]);
  expect({ ...bodyOfForm(form) }).toEqual({
    campaignId: ['7'],
    lead: { city: ['Miami'] },
    options: { dialPriority: ['NORMAL'] },
  });
});
