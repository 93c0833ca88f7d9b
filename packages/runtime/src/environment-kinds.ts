import { readFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * The kinds of environment variables, as zod schemas from text. Each says in its message what it must be. Say what a
 * variable is for with `.describe()`, and give defaults as values, not as text: `port().default(3000)`.
 */

/** Any text that is not empty. */
export function text() {
  return z.string({ error: 'must be a text' });
}

/** The text of a file that the variable names, read as the process starts. */
export function textFile() {
  return z.string().transform((path, context) => {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : 'unknown';
      context.addIssue({ code: 'custom', message: `must name a file that can be read (${code})` });
      return z.NEVER;
    }
  });
}

type Bounds = { readonly min?: number; readonly max?: number };

/** A whole number within the bounds, both inclusive. */
export function integer(bounds: Bounds = {}) {
  return wholeNumber('a whole number', bounds);
}

/** A port to listen on. 0 lets the system choose a free one. */
export function port() {
  return wholeNumber('a port, a whole number', { min: 0, max: 65_535 });
}

/** The longest time that Node's timers can wait: 2^31 - 1 ms, 24.8 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A duration in whole milliseconds that a timer can wait. */
export function durationMs(bounds: Bounds = {}) {
  return wholeNumber('a duration in whole milliseconds', { min: 0, max: MAX_TIMER_MS, ...bounds });
}

/** `true` or `1`, `false` or `0`, in any case. */
export function flag() {
  return variable('must be true or false', (given) => FLAGS.get(given.toLowerCase()));
}

/** An absolute URL of one of the protocols, given without colon. Kept as text, since a URL object would be re-spelled. */
export function url(protocols: readonly [string, ...string[]]) {
  const starts = protocols.map((protocol) => `${protocol}://`);
  return variable(`must be a URL that begins with ${starts.join(' or ')}`, (given) => {
    const isOne = starts.some((start) => given.toLowerCase().startsWith(start));
    return isOne && URL.canParse(given) ? given : undefined;
  });
}

/** One of the values, written exactly so. */
export function oneOf<const Value extends string>(values: readonly [Value, ...Value[]]) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}

/** Texts separated by commas; spaces around them do not count, and at least one must be left. */
export function list() {
  return variable('must be a list separated by commas', (given) => {
    const entries = given.split(',').map((entry) => entry.trim());
    const filled = entries.filter((entry) => entry !== '');
    return filled.length > 0 ? filled : undefined;
  });
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** @param read gives undefined for what is not of the kind. */
function variable<Value>(error: string, read: (given: string) => Value | undefined) {
  return z.string({ error }).transform((given, context) => {
    const value = read(given);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: error });
    return z.NEVER;
  });
}

function wholeNumber(what: string, bounds: Bounds) {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = bounds;
  return variable(`must be ${what}${range(bounds)}`, (given) => {
    const value = /^[+-]?[0-9]{1,16}$/.test(given) ? Number(given) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  });
}

function range({ min, max }: Bounds): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return `, at least ${min}`;
  return max !== undefined ? `, at most ${max}` : '';
}
