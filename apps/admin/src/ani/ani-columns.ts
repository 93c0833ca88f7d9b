import { Refusal } from '../terminal/refusal.ts';

/** The columns of a file of ANIs, by the names that exports and people give them. */

const NAMES = {
  phone: [
    ...[
      'phone',
      'phones',
      'phonenumber',
      'phonenumbers',
      'phoneno',
      'number',
      'numbers',
      'telephone',
      'telephonenumber',
    ],
    ...[
      'tel',
      'ani',
      'anis',
      'did',
      'dids',
      'didnumber',
      'tn',
      'callerid',
      'calleridnumber',
      'outboundcallerid',
      'cid',
      'e164',
    ],
  ],
  cap: [
    ...['dailycap', 'cap', 'capperday', 'dailylimit', 'limit', 'limitperday', 'maxperday', 'dailymax'],
    ...['callsperday', 'maxcallsperday', 'dailycalls'],
  ],
  campaigns: ['campaigns', 'campaign', 'campaignid', 'campaignids', 'pool', 'pools'],
} as const;

type Column = keyof typeof NAMES;

export interface AniColumns {
  /** Where it is in a row, from 0. */
  readonly phone: number;
  readonly cap: number | undefined;
  readonly campaigns: number | undefined;
  /** Names of those that mean nothing here. */
  readonly unused: readonly string[];
}

export const HEADER =
  'Its first line has to name the columns: phone, and daily_cap and campaigns if there are such.';

/** @throws Refusal without a column of phones, or with two columns of one meaning */
export function columnsOf(header: readonly string[]): AniColumns {
  const meanings = header.map(meaningOf);
  const place = (column: Column) => {
    const [first, second] = meanings.flatMap((meaning, at) => (meaning === column ? [at] : []));
    if (first === undefined || second === undefined) return first;
    throw new Refusal(
      `The columns ${quoted(header[first])} and ${quoted(header[second])} mean the same: leave one out. Nothing was imported.`,
    );
  };
  const phone = place('phone');
  if (phone === undefined) throw withoutPhones(header);
  const unused = header.filter((name, at) => name !== '' && meanings[at] === undefined);
  return { phone, cap: place('cap'), campaigns: place('campaigns'), unused };
}

function meaningOf(name: string): Column | undefined {
  const key = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return (Object.keys(NAMES) as Column[]).find((column) => NAMES[column].some((known) => known === key));
}

function withoutPhones(header: readonly string[]): Refusal {
  const named = header.filter((name) => name !== '').map(quoted);
  const [first = ''] = header;
  if (/[0-9]{3}/.test(first)) return new Refusal(`There is no column ${quoted(first)}. ${HEADER}`);
  return new Refusal(`The file has no column "phone". It has ${named.join(', ')}. ${HEADER}`);
}

/** Of a cell, for people. */
export function quoted(text = ''): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
