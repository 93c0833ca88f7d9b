import { describe, expect, test } from 'vitest';
import {
  AREA_CODES_IN_SERVICE,
  areWithin,
  distanceKm,
  oldTableWarning,
  placeOfAreaCode,
  placeOfZip,
  stateCode,
} from './places.ts';
import { MADE_ON } from './places-data.ts';

describe('area codes', () => {
  test.each([
    ['206', 'WA', 'America/Los_Angeles'],
    ['212', 'NY', 'America/New_York'],
    ['208', 'ID', 'America/Boise'],
    ['907', 'AK', 'America/Anchorage'],
    ['808', 'HI', 'Pacific/Honolulu'],
    ['202', 'DC', 'America/New_York'],
    ['787', 'PR', 'America/Puerto_Rico'],
    ['448', 'FL', 'America/Chicago'],
    ['656', 'FL', 'America/New_York'],
    ['728', 'FL', 'America/New_York'],
    ['945', 'TX', 'America/Chicago'],
    ['983', 'CO', 'America/Denver'],
  ])('%s is in %s', (areaCode, state, timeZone) => {
    expect(placeOfAreaCode(areaCode)).toMatchObject({ state, timeZone });
  });

  test.each(['800', '888', '500', '700', '710', '900', '555', '416', '000', ''])(
    '%s is no place',
    (areaCode) => {
      expect(placeOfAreaCode(areaCode)).toBeUndefined();
    },
  );

  test('all of them are on the map, in a time zone that there is', () => {
    expect(AREA_CODES_IN_SERVICE.length).toBeGreaterThan(350);
    const washington = placeOfAreaCode('202');
    for (const areaCode of AREA_CODES_IN_SERVICE) {
      const place = placeOfAreaCode(areaCode);
      if (place === undefined || washington === undefined) throw new Error(`${areaCode} has no place.`);
      expect(place.state).toMatch(/^[A-Z]{2}$/);
      expect(() => new Intl.DateTimeFormat('en', { timeZone: place.timeZone })).not.toThrow();
      // American Samoa and Guam are farthest away.
      expect(distanceKm(washington, place)).toBeLessThan(13_000);
    }
  });
});

test.each([
  ['33101', 'FL'],
  [' 98101-1234 ', 'WA'],
  ['00901', 'PR'],
  ['1234', undefined],
  ['123456', undefined],
  ['00000', undefined],
  ['', undefined],
])('the ZIP code %j is in %s', (zip, state) => {
  expect(placeOfZip(zip)?.state).toBe(state);
});

test.each([
  ['fl', 'FL'],
  [' New York ', 'NY'],
  ['PUERTO RICO', 'PR'],
  ['Ontario', undefined],
  ['', undefined],
])('the state %j is %s', (text, code) => {
  expect(stateCode(text)).toBe(code);
});

test('distances are those of the globe', () => {
  const [seattle, newYork] = [placeOfAreaCode('206'), placeOfAreaCode('212')];
  if (seattle === undefined || newYork === undefined) throw new Error('The table lacks large cities.');
  // 3,870 km from city hall to city hall.
  expect(Math.abs(distanceKm(seattle, newYork) - 3_870)).toBeLessThan(20);
  expect(distanceKm(seattle, seattle)).toBe(0);
  expect([3_800, 3_900].map((km) => areWithin(km, seattle, newYork))).toEqual([false, true]);
});

test.each(['353', '357', '436', '457', '471', '483', '621', '624', '679', '729', '738', '837', '861', '924'])(
  '%s, newer than the packages, is where the code is that it was laid over',
  (areaCode) => {
    expect(placeOfAreaCode(areaCode)?.state).toBe(
      {
        353: 'WI',
        357: 'CA',
        436: 'OH',
        457: 'LA',
        471: 'MS',
        483: 'AL',
        621: 'TX',
        624: 'NY',
        679: 'MI',
        729: 'TN',
        738: 'CA',
        837: 'CA',
        861: 'IL',
        924: 'MN',
      }[areaCode],
    );
  },
);

test('the age of the table is told once it is a year', () => {
  const made = Date.parse(MADE_ON);
  expect(oldTableWarning(made + 300 * 86_400_000)).toBeUndefined();
  expect(oldTableWarning(made + 400 * 86_400_000)).toMatch(/^The table of area codes is 13 months old/);
});
