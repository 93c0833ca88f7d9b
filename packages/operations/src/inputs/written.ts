import { rateWindowsSchema } from '@live-feed/core/directory/dialer-settings';
import { isId } from '@live-feed/core/ids';
import { normalisePhone } from '@live-feed/core/lead/phone';
import { z } from 'zod';

/** Values as people write them: in arguments of the command line and in fields of forms. */

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `45s`, `30m`, `24h`, `90d` → milliseconds. */
export function duration(bounds: { readonly min: string; readonly max: string }) {
  const [min, max] = [readDuration(bounds.min), readDuration(bounds.max)];
  const examples = ['45s', '30m', '24h', '90d'].filter(
    (text) => readDuration(text) >= min && readDuration(text) <= max,
  );
  const suchAs = examples.length === 0 ? '' : `, such as ${examples.join(' or ')}`;
  const expected = `Expected a duration from ${bounds.min} to ${bounds.max}${suchAs}.`;
  return z.string().transform((text, context) => {
    const ms = readDuration(text);
    if (ms >= min && ms <= max) return ms;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}

function readDuration(text: string): number {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  return amount === undefined ? Number.NaN : Number(amount) * UNITS_MS[unit as keyof typeof UNITS_MS];
}

/** As `duration` reads it: `24h`, `90s`. @param ms whole seconds */
export function writtenDuration(ms: number): string {
  const units = ['d', 'h', 'm'] as const;
  const unit = units.find((each) => ms > 0 && ms % UNITS_MS[each] === 0) ?? 's';
  return `${ms / UNITS_MS[unit]}${unit}`;
}

export function wholeNumber(min: number, max: number) {
  const expected = `Expected a whole number from ${min} to ${max}.`;
  return z
    .string()
    .regex(/^\d{1,9}$/, expected)
    .transform(Number)
    .pipe(z.number().min(min, expected).max(max, expected));
}

/** One of a few words, in any case. */
export function choice<const Value extends string>(values: readonly Value[]) {
  const expected = `Allowed choices are ${values.join(', ')}.`;
  return z.string().transform((text, context) => {
    const found = values.find((value) => value.toLowerCase() === text.trim().toLowerCase());
    if (found !== undefined) return found;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}

export function shortText(max = 255) {
  return z
    .string()
    .trim()
    .min(1, 'It must not be empty.')
    .max(max, `It must not be longer than ${max} characters.`)
    .regex(/^\P{Cc}*$/u, 'It must not contain control characters.');
}

/** In any form that a lead's phone may have → 10 digits. */
export function phone() {
  return z.string().transform((text, context) => {
    const reading = normalisePhone(text);
    if (reading.ok) return reading.phone;
    context.addIssue({ code: 'custom', message: reading.reason });
    return z.NEVER;
  });
}

export function id() {
  return z.string().toLowerCase().refine(isId, 'Expected an id, as the list shows it.');
}

/** `30/10s,120/60s`, `none` or `documented`. `documented` is not null here, because commander's parsers must not return null. */
export function rateWindows() {
  const expected =
    'Expected windows such as 30/10s,120/60s (requests/duration), "none", or "documented" for those of the family.';
  return z.string().transform((text, context) => {
    if (text === 'documented') return text;
    if (text === 'none') return [];
    const windows = text.split(',').map((window) => {
      const [requests, period, ...rest] = window.split('/');
      return {
        requests: rest.length === 0 ? Number(requests) : Number.NaN,
        perMs: readDuration(period ?? ''),
      };
    });
    const reading = rateWindowsSchema.safeParse(windows);
    if (reading.success) return reading.data;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
}

/** IANA names only: PostgreSQL reads the sign of an offset the other way round. */
export const timeZone = z
  .string()
  .refine(
    (name) => /^[A-Z]/.test(name) && isTimeZone(name),
    'Expected an IANA name, such as America/New_York.',
  );

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
