import { areaCodePlaces, areaCodesAbroad, middle, most, type Position } from './area-codes.ts';
import { groupBy } from './group-by.ts';
import type { PublishedData, Zip } from './published-data.ts';
import { TERRITORIES } from './supplement.ts';

interface ZipPrefixPlace extends Position {
  readonly prefix: string;
  readonly state: string;
}

/** The text of packages/core/src/caller-id/places-data.ts. @param day of its creation */
export function placesData(data: PublishedData, day: string): string {
  const places = areaCodePlaces(data);
  // The package also has Canada's provinces, and ZIP codes of the armed forces.
  const served = new Set(places.map(({ state }) => state));
  const states = Object.entries({ ...data.states, ...TERRITORIES }).filter(([, code]) => served.has(code));
  const prefixes = zipPrefixPlaces(data.zips.filter(({ state }) => served.has(state)));
  return `// Written by "npm run generate:places" on ${day}, from these npm packages; not to be changed by hand.
${data.sources.map((source) => `// - ${source}`).join('\n')}
// and from tools/src/places/supplement.ts.

/** When it was made. */
export const MADE_ON = '${day}';

/** Area code, state, time zone, latitude, longitude: every area code in service, overlays included. */
export const AREA_CODES = \`
${places.map((each) => line(each.areaCode, each.state, each.timeZone, each)).join('\n')}
\`;

/** Area code and country: those of other countries that have +1. */
export const AREA_CODES_ABROAD = \`
${areaCodesAbroad(data)
  .map((each) => each.join(' '))
  .join('\n')}
\`;

/** First three digits of a ZIP code, state, latitude, longitude. */
export const ZIP_PREFIXES = \`
${prefixes.map((each) => line(each.prefix, each.state, each)).join('\n')}
\`;

/** Code and name. */
export const STATES = \`
${states.map(([name, code]) => `${code} ${name}`).join('\n')}
\`;
`;
}

function zipPrefixPlaces(zips: readonly Zip[]): ZipPrefixPlace[] {
  return [...groupBy(zips, ({ zip }) => zip.slice(0, 3))]
    .map(([prefix, all]) => ({ prefix, state: most(all.map(({ state }) => state)), ...middle(all) }))
    .sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
}

function line(...fields: [...string[], Position]): string {
  const { latitude, longitude } = fields.at(-1) as Position;
  return [...fields.slice(0, -1), latitude, longitude].join(' ');
}
