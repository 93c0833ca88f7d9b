/** How long a caller prefers to wait (RFC 7240). */
export interface Preference {
  /** How long to wait for the outcome before the answer is that the lead is kept. */
  readonly waitMs: number;
  /** The value of the answer's `Preference-Applied`. */
  readonly applied: string;
}

/** Between commas that are in no quoted text (RFC 9110, section 5.6.4). One that does not end goes on to the end of the header. */
const ELEMENTS = /(?:"(?:[^"\\]|\\.?)*(?:"|$)|[^",])+/g;
/** RFC 7240, section 2: a name, optionally a value, optionally parameters, which are ignored. */
const PREFERENCE = /^\s*([^\s=;"]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;]*))?/;

/**
 * @param header the request's `Prefer`. The first of several preferences of one name counts, and unknown ones are ignored (section 2)
 * @param longestMs the maximum of `waitMs`
 * @returns undefined if neither `respond-async` nor `wait` was asked for
 */
export function readPreference(header: string | undefined, longestMs: number): Preference | undefined {
  if (header === undefined) return undefined;
  const preferences = preferencesOf(header);
  const respondAsync = preferences.has('respond-async');
  const waitS = readSeconds(preferences.get('wait'), Math.floor(longestMs / 1_000));
  if (waitS === undefined) return respondAsync ? { waitMs: 0, applied: 'respond-async' } : undefined;
  return { waitMs: waitS * 1_000, applied: `${respondAsync ? 'respond-async, ' : ''}wait=${waitS}` };
}

/** What answers say in `Preference-Applied` to a request that prefers to be a dry run. */
export const DRY_RUN_APPLIED = 'handling=dry-run';

/** Whether a request prefers to be a dry run. Other values of `handling` are ignored, as any preference that is not understood (section 2). */
export function prefersDryRun(header: string | undefined): boolean {
  return header !== undefined && preferencesOf(header).get('handling')?.toLowerCase() === 'dry-run';
}

/** The first of several of one name counts. Names are lower case, values without quotes. */
function preferencesOf(header: string): Map<string, string> {
  const preferences = new Map<string, string>();
  for (const [part] of header.matchAll(ELEMENTS)) {
    const [, name = '', value = ''] = PREFERENCE.exec(part) ?? [];
    const known = name.toLowerCase();
    if (!preferences.has(known)) preferences.set(known, unquoted(value));
  }
  return preferences;
}

function unquoted(value: string): string {
  const [, text] = /^"(.*)"$/s.exec(value) ?? [];
  return text === undefined ? value : text.replaceAll(/\\(.)/gs, '$1');
}

/** delta-seconds (RFC 9111, section 1.2.2) */
function readSeconds(text: string | undefined, longest: number): number | undefined {
  return text !== undefined && /^[0-9]+$/.test(text) ? Math.min(Number(text), longest) : undefined;
}
