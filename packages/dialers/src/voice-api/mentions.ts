/** Finds the leads of an upload in what a dialing system says of them. */

import { normalisePhone } from '@live-feed/core/lead/phone';
import type { UploadLead } from '../lead-loader.ts';
import type { RejectedRow } from './lead-response.ts';

/** Names leads by their place in the upload. */
export interface Mentions {
  /** The lead of a row, by externId, else by phone; undefined unless exactly one fits. */
  ownerOf(row: RejectedRow): number | undefined;
  /** Whether the text holds the id or the phone of any other lead of the upload. */
  namesAnother(text: string, self: number): boolean;
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Digits with nothing but the punctuation of phones between them. */
const DIGITS = /[0-9](?:[-\s+()./]*[0-9])*/g;

/** Spares most values of a row, names and streets, the full reading. */
const TEN_DIGITS = /(?:[0-9][^0-9]*){10}/;

/** Between the values of a row that comes as one text. */
const DELIMITER = /[,;|\t]/;

const PHONE_DIGITS = 10;
/** With all that stands around it in a value of a row. */
const LONGEST_PHONE = 100;

export function createMentions(leads: readonly UploadLead[]): Mentions {
  const byExternId = placesBy(leads, ({ externId }) => externId.toLowerCase());
  const byPhone = placesBy(leads, ({ phone }) => phone);
  /** By text; there are as many as the answer has. */
  const named = new Map<string, ReadonlySet<number>>();

  function namedIn(text: string): ReadonlySet<number> {
    const places =
      named.get(text) ??
      union([
        ...idsIn(text).map((id) => byExternId.get(id)),
        ...tenDigitsIn(text).map((d) => byPhone.get(d)),
      ]);
    named.set(text, places);
    return places;
  }

  return {
    ownerOf({ rowData }) {
      const cells = (rowData ?? []).filter((cell) => cell !== null);
      const byIds = union(cells.flatMap(idsIn).map((id) => byExternId.get(id)));
      const byPhones = union(cells.flatMap(phonesIn).map((phone) => byPhone.get(phone)));
      const [owner, ...others] = byIds.size > 0 ? byIds : byPhones;
      if (owner === undefined || others.length > 0) return undefined;
      // A lead's own fields may well hold another's id, but hardly without its own phone beside it.
      return byPhones.size === 0 || byPhones.has(owner) ? owner : undefined;
    },
    namesAnother(text, self) {
      for (const place of namedIn(text)) if (place !== self) return true;
      return false;
    },
  };
}

function placesBy(leads: readonly UploadLead[], keyOf: (lead: UploadLead) => string): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [place, lead] of leads.entries()) {
    const key = keyOf(lead);
    const known = places.get(key);
    if (known === undefined) places.set(key, [place]);
    else known.push(place);
  }
  return places;
}

function union(found: readonly (readonly number[] | undefined)[]): ReadonlySet<number> {
  return new Set(found.flatMap((places) => places ?? []));
}

/** What may be an id: a text as a whole, and every UUID in it. */
function idsIn(text: string): string[] {
  const lower = text.toLowerCase();
  return [lower.trim(), ...(lower.match(UUID) ?? [])];
}

/** What is a phone as a value of a row, however it is written: `+15551234567`, `(555) 123-4567`. */
function phonesIn(cell: string): string[] {
  if (!TEN_DIGITS.test(cell)) return [];
  const values = new Set([cell, ...cell.split(DELIMITER)].filter(mayBePhone));
  return [...values].flatMap((value) => {
    const reading = normalisePhone(value);
    return reading.ok ? [reading.phone] : [];
  });
}

function mayBePhone({ length }: string): boolean {
  return length >= PHONE_DIGITS && length <= LONGEST_PHONE;
}

/** Whatever may be a phone in a text: rather too many than one too few. */
function tenDigitsIn(text: string): string[] {
  return (text.match(DIGITS) ?? []).flatMap((run) => {
    const digits = run.replaceAll(/[^0-9]/g, '');
    const windows = Math.max(0, digits.length - PHONE_DIGITS + 1);
    return Array.from({ length: windows }, (_, from) => digits.slice(from, from + PHONE_DIGITS));
  });
}
