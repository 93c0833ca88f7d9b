import { placeOfAreaCode } from './places.ts';
import { AREA_CODES_ABROAD } from './places-data.ts';

/**
 * What a phone's area code stands for. No phone is refused for it: the API's contract decides by shape, and its own example has an
 * area code that nobody is assigned.
 */
export const PHONE_REGIONS = [
  'us',
  'canada',
  'other_country',
  'toll_free',
  'premium_rate',
  'non_geographic',
  'unassigned',
] as const;

export type PhoneRegion = (typeof PHONE_REGIONS)[number];

const countries = new Map(
  AREA_CODES_ABROAD.trim()
    .split('\n')
    .map((row) => [row.slice(0, 3), row.slice(4)] as const),
);

const TOLL_FREE = /^8(?:00|33|44|55|66|77|88)$/;
const PREMIUM_RATE = /^900$/;
/** Personal numbers and those of machines, of carriers, and of the US government; Canada's 600 and 622. */
const NON_GEOGRAPHIC = /^(?:500|52[1-9]|533|544|566|577|588|600|622|700|710)$/;

/** @param phone 10 digits */
export function phoneRegion(phone: string): PhoneRegion {
  const areaCode = phone.slice(0, 3);
  if (placeOfAreaCode(areaCode) !== undefined) return 'us';
  const country = countries.get(areaCode);
  if (country !== undefined) return country === 'CA' ? 'canada' : 'other_country';
  if (TOLL_FREE.test(areaCode)) return 'toll_free';
  if (PREMIUM_RATE.test(areaCode)) return 'premium_rate';
  return NON_GEOGRAPHIC.test(areaCode) ? 'non_geographic' : 'unassigned';
}

/** Whether it is somewhere, but not in the United States. */
export function isAbroad(region: PhoneRegion): boolean {
  return region === 'canada' || region === 'other_country';
}
