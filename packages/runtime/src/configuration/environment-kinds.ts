import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';

/**
 * The kinds of environment variables, as zod schemas from text. Each message says what the value must be. Describe
 * the variable with `.describe()`, and give defaults as values, not as text: `port().default(3000)`.
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

/** An address or the name of a host to listen on, without a port. */
export function host() {
  return variable('must be an address or the name of a host, without a port and without brackets', (given) =>
    isIP(given) !== 0 || HOST_NAME.test(given) ? given : undefined,
  );
}

/** RFC 1123. Digits and dots alone would be an invalid address. */
const HOST_NAME =
  /^(?=.{1,253}$)(?![\d.]+$)[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?)*$/i;

/** The name of an HTTP header that can be added to a request. */
export function headerName() {
  return variable('must be the name of an HTTP header of its own, such as X-Auth-Token', (given) =>
    /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/i.test(given) && !OTHERS_HEADERS.has(given.toLowerCase())
      ? given
      : undefined,
  );
}

/** Headers that every request already has. */
const OTHERS_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** A URL of a mail server: `smtp://[user:password@]host[:port]`, or `smtps://`. */
export function smtpUrl() {
  return url(['smtp', 'smtps']).superRefine((given, context) => {
    const { hostname, pathname, search, hash, username, password } = new URL(given);
    const problem =
      (hostname === '' && 'must name a host') ||
      (!['', '/'].includes(pathname) && 'must end after the host and its port') ||
      (search + hash !== '' && 'must have no parameters and no #: write %3F and %23 in a password') ||
      ((username === '') !== (password === '') && 'must have both user and password, or neither');
    if (problem !== false) context.addIssue({ code: 'custom', message: problem });
  });
}

/** `name@example.com` or `A name <name@example.com>`. */
export function mailAddress() {
  return variable('must be an e-mail address, such as Live Feed <live-feed@example.com>', (given) =>
    /^(?:[^<>\p{Cc}]{0,100}<[^\s<>@,;]{1,64}@[\w.-]{1,255}>|[^\s<>@,;]{1,64}@[\w.-]{1,255})$/u.test(given)
      ? given
      : undefined,
  );
}

/** An absolute URL of one of the protocols, which are given without a colon. Returned as text, because a URL object changes the spelling. */
export function url(protocols: readonly [string, ...string[]]) {
  const starts = protocols.map((protocol) => `${protocol}://`);
  return variable(`must be a URL that begins with ${starts.join(' or ')}`, (given) => {
    const isOne = starts.some((start) => given.toLowerCase().startsWith(start));
    return isOne && URL.canParse(given) ? given : undefined;
  }).refine(isDecodable, { error: 'must be a URL in which every % is written as %25' });
}

/** A scheme and a host, and nothing else. Returned without a slash at its end. */
export function origin() {
  return url(['https', 'http'])
    .refine(
      (given) => ['/', ''].includes(new URL(given).pathname) && new URL(given).origin === trimmed(given),
      {
        error: 'must be a scheme and a host, such as https://example.com',
      },
    )
    .transform(trimmed);
}

function trimmed(given: string): string {
  return given.replace(/\/$/, '');
}

/** Clients decode the parts of a URL. */
function isDecodable(given: string): boolean {
  const { username, password, hostname, pathname } = new URL(given);
  try {
    for (const part of [username, password, hostname, pathname]) decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

/** One of the values, in this case. */
export function oneOf<const Value extends string>(values: readonly [Value, ...Value[]]) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}

/** At least one text, separated by commas and optional spaces. */
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

/** @param read returns undefined for an invalid value. */
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
