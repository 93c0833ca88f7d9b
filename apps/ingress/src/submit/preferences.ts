/** How a caller would rather wait, as far as it can be done (RFC 7240). */
export interface Preference {
  /** How long it waits for the outcome before it is told that the lead is kept. */
  readonly waitMs: number;
  /** For the answer's `Preference-Applied`. */
  readonly applied: string;
}

/** RFC 7240, section 2: a name, perhaps a value, perhaps parameters, which none of ours has. */
const PREFERENCE = /^\s*([^\s=;]+)\s*(?:=\s*("[^"]*"|[^\s;]*))?/;

/**
 * @param header the request's `Prefer`. Of several of a name the first counts; what is not understood is ignored (section 2)
 * @param longestMs nobody waits for longer
 * @returns undefined if neither `respond-async` nor `wait` was asked for
 */
export function readPreference(header: string | undefined, longestMs: number): Preference | undefined {
  if (header === undefined) return undefined;
  const preferences = new Map<string, string>();
  for (const part of header.split(',')) {
    const [, name = '', value = ''] = PREFERENCE.exec(part) ?? [];
    const known = name.toLowerCase();
    if (!preferences.has(known)) preferences.set(known, value.replace(/^"(.*)"$/, '$1'));
  }
  const respondAsync = preferences.has('respond-async');
  const waitS = readSeconds(preferences.get('wait'), Math.floor(longestMs / 1_000));
  if (waitS === undefined) return respondAsync ? { waitMs: 0, applied: 'respond-async' } : undefined;
  return { waitMs: waitS * 1_000, applied: `${respondAsync ? 'respond-async, ' : ''}wait=${waitS}` };
}

/** delta-seconds (RFC 9111, section 1.2.2) */
function readSeconds(text: string | undefined, longest: number): number | undefined {
  return text !== undefined && /^[0-9]+$/.test(text) ? Math.min(Number(text), longest) : undefined;
}
