import { Refusal } from '../terminal/refusal.ts';

/** Finds the columns of an ANI file by the names that people and exporting programs give them. */

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
  /** Index in a row, from 0. */
  readonly phone: number;
  readonly cap: number | undefined;
  readonly campaigns: number | undefined;
  /** Names of columns that the import does not use. */
  readonly unused: readonly string[];
}

export const HEADER = 'Its first line must name the columns: phone, and optionally daily_cap and campaigns.';

/** @throws Refusal if there is no phone column, or if two columns have one meaning */
export function columnsOf(header: readonly string[]): AniColumns {
  const meanings = header.map(meaningOf);
  const place = (column: Column) => {
    const [first, second] = meanings.flatMap((meaning, at) => (meaning === column ? [at] : []));
    if (first === undefined || second === undefined) return first;
    throw new Refusal(
      `The columns ${quoted(header[first])} and ${quoted(header[second])} have the same meaning: remove one. Nothing was imported.`,
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

/** A cell as messages show it: in quotes, cut after 40 characters. */
export function quoted(text = ''): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
