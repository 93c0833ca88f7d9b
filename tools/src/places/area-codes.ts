import { groupBy } from './group-by.ts';
import type { PublishedData, Zip } from './published-data.ts';
import { ABROAD, CITIES, OVERLAYS, TIME_ZONES } from './supplement.ts';

export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

export interface AreaCodePlace extends Position {
  readonly areaCode: string;
  readonly state: string;
  readonly timeZone: string;
}

/**
 * Every area code in service, with its place: the mean of its cities, weighted by their exchanges, so that it is near its people. An
 * overlay has the place of the code that it covers.
 *
 * @throws Error if a code has no place and the supplement lacks it
 */
export function areaCodePlaces(data: PublishedData): AreaCodePlace[] {
  const cities = cityPositions(data.zips);
  const exchanges = groupBy(data.geocodes, ([digits]) => digits.slice(0, 3));
  const inService = new Set([...areaCodesInService(data.phonePatterns), ...Object.keys(OVERLAYS)]);
  return [...inService].sort().map((areaCode) => {
    const base = OVERLAYS[areaCode] ?? areaCode;
    const named = CITIES[base];
    const texts =
      named === undefined ? (exchanges.get(base) ?? []).map(([, text]) => text) : [named.join(', ')];
    const found = texts.flatMap((text) => cities.get(cityKey(text)) ?? []);
    const [first] = found;
    if (first === undefined) throw new Error(`Area code ${areaCode} has no place: add it to the supplement.`);
    const state = most(found.map((zip) => zip.state));
    return { areaCode, state, timeZone: timeZoneOf(base, data.timeZones), ...middle(found) };
  });
}

/** Area codes of other countries, with the country's two letters. */
export function areaCodesAbroad({ patternsAbroad }: PublishedData): [areaCode: string, country: string][] {
  const published = [...patternsAbroad].flatMap(([country, pattern]) =>
    areaCodesInService([pattern]).map((areaCode): [string, string] => [areaCode, country]),
  );
  return [...published, ...Object.entries(ABROAD)].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Area codes that have at least one phone matching a pattern. */
function areaCodesInService(patterns: readonly RegExp[]): string[] {
  const codes: string[] = [];
  for (let code = 200; code < 1000; code += 1) {
    const phones = Array.from({ length: 800 }, (_, exchange) => `${code}${200 + exchange}5678`);
    // All exchanges, because American Samoa's pattern has only a few.
    if (patterns.some((pattern) => phones.some((phone) => pattern.test(phone)))) codes.push(String(code));
  }
  return codes;
}

function cityPositions(zips: readonly Zip[]): Map<string, Zip> {
  const cities = new Map<string, Zip>();
  for (const zip of zips) {
    const key = cityKey(`${zip.city}, ${zip.state}`);
    if (!cities.has(key)) cities.set(key, zip);
  }
  return cities;
}

/** The geocodes write "St. Louis", "Winston-Salem"; the ZIP codes "Saint Louis", "Winston Salem". */
function cityKey(text: string): string {
  return text
    .toLowerCase()
    .replace(/\bst\. /, 'saint ')
    .replaceAll(/[^a-z ,]/g, ' ');
}

function timeZoneOf(areaCode: string, zones: PublishedData['timeZones']): string {
  const known = TIME_ZONES[areaCode];
  if (known !== undefined) return known;
  const own =
    zones.get(areaCode) ?? [...zones].flatMap(([digits, each]) => (digits.startsWith(areaCode) ? each : []));
  if (own.length === 0) throw new Error(`Area code ${areaCode} has no time zone: add it to the supplement.`);
  return most(own);
}

export function middle(positions: readonly Position[]): Position {
  const mean = (of: (position: Position) => number) =>
    Number((positions.reduce((sum, each) => sum + of(each), 0) / positions.length).toFixed(2));
  return { latitude: mean((each) => each.latitude), longitude: mean((each) => each.longitude) };
}

/** The most frequent value; of several the first. */
export function most(values: readonly string[]): string {
  const counts = [...groupBy(values, (value) => value)].map(([value, all]) => ({ value, count: all.length }));
  return counts.reduce((a, b) => (b.count > a.count ? b : a)).value;
}
