import { expect, test } from 'vitest';
import { overlaysSchema, useOverlays } from './overlays.ts';
import { phoneRegion } from './phone-region.ts';
import { placeOfAreaCode } from './places.ts';

test.each([
  ['206', 'us'],
  ['924', 'us'],
  ['787', 'us'],
  ['671', 'us'],
  ['416', 'canada'],
  ['204', 'canada'],
  ['942', 'canada'],
  ['273', 'canada'],
  ['876', 'other_country'],
  ['658', 'other_country'],
  ['809', 'other_country'],
  ['441', 'other_country'],
  ['242', 'other_country'],
  ['721', 'other_country'],
  ['800', 'toll_free'],
  ['833', 'toll_free'],
  ['888', 'toll_free'],
  ['900', 'premium_rate'],
  ['500', 'non_geographic'],
  ['521', 'non_geographic'],
  ['588', 'non_geographic'],
  ['600', 'non_geographic'],
  ['622', 'non_geographic'],
  ['700', 'non_geographic'],
  ['710', 'non_geographic'],
  ['555', 'unassigned'],
  ['211', 'unassigned'],
  ['911', 'unassigned'],
  ['370', 'unassigned'],
  ['960', 'unassigned'],
  ['299', 'unassigned'],
  ['899', 'unassigned'],
])('%s is %s', (areaCode, region) => {
  expect(phoneRegion(`${areaCode}5550143`)).toBe(region);
});

test('a file adds an area code newer than the table, and corrects one of the table', () => {
  const file = '# new this year\r\n 299 206 # Seattle\n\n357,209\n';
  useOverlays(overlaysSchema().parse(file));
  expect(phoneRegion('2995550143')).toBe('us');
  expect(placeOfAreaCode('299')).toBe(placeOfAreaCode('206'));
  expect(placeOfAreaCode('357')).toBe(placeOfAreaCode('209'));
});

test.each(['457', '457 416', '457 318 NY', '1457 318', '457 000'])(
  'a file with %j is refused, by its line',
  (line) => {
    const reading = overlaysSchema().safeParse(`299 206\n${line}\n`);
    expect(reading.error?.issues[0]?.message).toContain('in line 2');
  },
);
