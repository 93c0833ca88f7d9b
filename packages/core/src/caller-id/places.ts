import { AREA_CODES, MADE_ON, STATES, ZIP_PREFIXES } from './places-data.ts';

/**
 * Where area codes and ZIP codes are. `npm run generate:places` makes the table; area codes that are newer are added as a process
 * starts, see overlays.ts.
 */

export interface Place {
  /** Two letters; territories have codes of their own. */
  readonly state: string;
  /** On the unit sphere. */
  readonly position: readonly [x: number, y: number, z: number];
}

export interface AreaCodePlace extends Place {
  /** IANA name. */
  readonly timeZone: string;
}

const EARTH_RADIUS_KM = 6371;

const areaCodes = new Map<string, AreaCodePlace>(
  rows(AREA_CODES).map(([code = '', state = '', timeZone = '', latitude, longitude]) => [
    code,
    { state, timeZone, position: positionAt(Number(latitude), Number(longitude)) },
  ]),
);

const zipPrefixes = new Map<string, Place>(
  rows(ZIP_PREFIXES).map(([prefix = '', state = '', latitude, longitude]) => [
    prefix,
    { state, position: positionAt(Number(latitude), Number(longitude)) },
  ]),
);

/** Codes and names alike lead to the code. */
const states = new Map<string, string>(
  rows(STATES).flatMap(([code = '', ...name]) => [
    [code, code],
    [name.join(' '), code],
  ]),
);

/** Every state's and territory's code that an area code is in. */
export const STATE_CODES: readonly string[] = [
  ...new Set([...areaCodes.values()].map(({ state }) => state)),
].sort();

/** Every US area code in service. */
export const AREA_CODES_IN_SERVICE: readonly string[] = [...areaCodes.keys()];

/** About a dozen area codes come into service in a year. */
const OLD_AFTER_MONTHS = 12;

/** @returns a sentence for operators once the table is old; undefined before @param nowMs Unix time */
export function oldTableWarning(nowMs: number): string | undefined {
  const months = Math.floor((nowMs - Date.parse(MADE_ON)) / (30 * 86_400_000));
  if (months < OLD_AFTER_MONTHS) return undefined;
  return (
    `The table of area codes is ${months} months old: leads of newer codes get any caller ID. ` +
    'Update Live Feed, or name the new codes in AREA_CODES_FILE.'
  );
}

/** The area code is where the base is, from now on, whatever the table has for it. */
export function addOverlay(areaCode: string, base: string): void {
  const place = areaCodes.get(base);
  if (place !== undefined) areaCodes.set(areaCode, place);
}

/** @returns undefined for what is no place: toll-free and other non-geographic codes, and those not in service */
export function placeOfAreaCode(areaCode: string): AreaCodePlace | undefined {
  return areaCodes.get(areaCode);
}

/** @param zip five digits or more, as callers write it: `33101`, `33101-1234` */
export function placeOfZip(zip: string): Place | undefined {
  const [, prefix = ''] = /^\s*([0-9]{3})[0-9]{2}(?![0-9])/.exec(zip) ?? [];
  return zipPrefixes.get(prefix);
}

/** The state's code, of its code or its name in any case. */
export function stateCode(text: string): string | undefined {
  return states.get(text.trim().toUpperCase());
}

/** As the crow flies. */
export function distanceKm(a: Place, b: Place): number {
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(squaredChord(a, b)) / 2));
}

/** The same question, for a look at many: without a root and an angle for each. */
export function areWithin(km: number, a: Place, b: Place): boolean {
  return squaredChord(a, b) <= (2 * Math.sin(km / EARTH_RADIUS_KM / 2)) ** 2;
}

/** Of the straight line through the unit sphere. */
function squaredChord({ position: [ax, ay, az] }: Place, { position: [bx, by, bz] }: Place): number {
  return (ax - bx) ** 2 + (ay - by) ** 2 + (az - bz) ** 2;
}

function positionAt(latitude: number, longitude: number): Place['position'] {
  const phi = (latitude * Math.PI) / 180;
  const lambda = (longitude * Math.PI) / 180;
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}

function rows(table: string): string[][] {
  return table
    .trim()
    .split('\n')
    .map((row) => row.split(' '));
}
