import { REQUEST_FIELDS } from '@live-feed/core/directory/intake-settings';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Fields, mapFields } from './map-fields.ts';

const body = (lead: object, more: object = {}): Fields => ({ campaignId: '1', lead, ...more });

function mapped(given: Fields, map: Record<string, string>, defaults: object = {}) {
  const places = mapFields(given, { map, defaults });
  return { given, places: Object.fromEntries(places) };
}

describe('a source', () => {
  test('fills a field that was not sent', () => {
    expect(mapped(body({ source: 'x' }), { auxData1: 'source' })).toEqual({
      given: body({ source: 'x', auxData1: 'x' }),
      places: { 'lead.auxData1': 'lead.source' },
    });
  });

  test.each([[null], [''], [undefined]])('fills a field that is %j', (auxData1) => {
    const { given } = mapped(body({ source: 'x', auxData1 }), { auxData1: 'source' });
    expect(given).toEqual(body({ source: 'x', auxData1: 'x' }));
  });

  test.each([['own'], [0], [false], [[]], [{}]])('never replaces what was sent: %j', (auxData1) => {
    const { given, places } = mapped(body({ source: 'x', auxData1 }), { auxData1: 'source' });
    expect([given, places]).toEqual([body({ source: 'x', auxData1 }), {}]);
  });

  test.each([[null], ['']])('that is %j counts as not sent', (source) => {
    const { given } = mapped(body({ source }), { state: 'source' }, { state: 'FL' });
    expect(given).toEqual(body({ source, state: 'FL' }));
  });

  test('is looked for in the lead, in the options, then beside them', () => {
    const everywhere = { source: 'beside', options: { source: 'option' } };
    expect(mapped(body({ source: 'lead' }, everywhere), { city: 'source' }).given['lead']).toMatchObject({
      city: 'lead',
    });
    expect(mapped(body({}, everywhere), { city: 'source' }).given['lead']).toEqual({ city: 'option' });
    expect(mapped(body({}, { source: 'beside' }), { city: 'source' })).toEqual({
      given: body({ city: 'beside' }, { source: 'beside' }),
      places: { 'lead.city': 'source' },
    });
  });

  test('may fill several fields, and a field does not feed another', () => {
    const map = { auxData1: 'source', description: 'source', auxData2: 'auxData1' };
    expect(mapped(body({ source: 'x' }), map).given).toEqual(
      body({ source: 'x', auxData1: 'x' }, { options: { description: 'x' } }),
    );
  });

  test('of any type is left to the validation', () => {
    expect(mapped(body({ source: { a: [1] } }), { zip: 'source' }).given['lead']).toMatchObject({
      zip: { a: [1] },
    });
  });

  test('a body without a lead gets one: all its fields may be beside it', () => {
    const flat = { campaign: '7', phone: '5551234567', prio: 'NORMAL' };
    const map = { campaignId: 'campaign', leadPhone: 'phone', dialPriority: 'prio' };
    expect(mapped({ ...flat }, map)).toEqual({
      given: {
        ...flat,
        campaignId: '7',
        lead: { leadPhone: '5551234567' },
        options: { dialPriority: 'NORMAL' },
      },
      places: { campaignId: 'campaign', 'lead.leadPhone': 'phone', 'options.dialPriority': 'prio' },
    });
  });
});

test.each([[{ lead: 'x' }], [{ lead: [1] }], [{ lead: 7, options: 'x' }], [{ lead: {}, options: [1] }]])(
  '%j is left to the validation',
  (given) => {
    const copy = structuredClone(given);
    mapFields(given, { map: { city: 'source', dialPriority: 'prio' }, defaults: {} });
    expect(given).toEqual(copy);
  },
);

const fields = [...REQUEST_FIELDS.keys()];
const names = fc.constantFrom(
  ...fields.slice(0, 6),
  'dialPriority',
  'source',
  'toString',
  '__proto__',
  'lead',
);
const values = fc.oneof(fc.string(), fc.constantFrom(null, '', 0, 'x'), fc.array(fc.nat(), { maxLength: 2 }));
/** As JSON.parse makes them: `__proto__` is a member like others. */
const objects = fc
  .array(fc.tuple(names, values), { maxLength: 6 })
  .map((entries) =>
    JSON.parse(`{${entries.map((pair) => pair.map((one) => JSON.stringify(one)).join(':'))}}`),
  );
const bodies = fc
  .record({ lead: objects, options: objects, more: objects })
  .map(({ lead, options, more }) => ({
    ...more,
    lead,
    options,
  }));
const sources = fc.constantFrom('source', 'toString', 'hasOwnProperty', 'firstName', 'lastName');
const maps = fc.dictionary(fc.constantFrom(...fields.slice(0, 8), 'dialPriority'), sources, { maxKeys: 6 });
const defaults = fc.record({ state: fc.string(), firstName: fc.string() }, { requiredKeys: [] });

const given = (value: unknown) => value !== undefined && value !== null && value !== '';

test('any map, any body: what was sent stays, and all else comes from its source in what was sent, or is the default', () => {
  fc.assert(
    fc.property(bodies, maps, defaults, (sent, map, withDefaults) => {
      const read = (part: string, name: string): unknown => {
        const from = part === 'body' ? sent : sent[part as 'lead'];
        return Object.hasOwn(from, name) ? (from as Fields)[name] : undefined;
      };
      const result = structuredClone(sent);
      mapFields(result, { map, defaults: withDefaults });
      for (const [field, part] of REQUEST_FIELDS) {
        const source = map[field];
        const candidates = [
          read(part, field),
          ...(source === undefined ? [] : ['lead', 'options', 'body'].map((each) => read(each, source))),
          ...(part === 'lead' ? [(withDefaults as Fields)[field]] : []),
        ];
        const got = part === 'body' ? (result as Fields)[field] : (result[part] as Fields)[field];
        const wanted = candidates.find(given);
        if (given(wanted)) expect(got).toEqual(wanted);
        else expect(given(got)).toBe(false);
      }
    }),
  );
});

test('the order of a map makes no difference, and no object gets another prototype', () => {
  fc.assert(
    fc.property(bodies, maps, (sent, map) => {
      const backwards = Object.fromEntries(Object.entries(map).toReversed());
      const [one, other] = [structuredClone(sent), structuredClone(sent)];
      mapFields(one, { map, defaults: {} });
      mapFields(other, { map: backwards, defaults: {} });
      expect(one).toEqual(other);
      expect(Object.getPrototypeOf(one.lead)).toBe(Object.prototype);
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
  );
});
