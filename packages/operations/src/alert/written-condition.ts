import type { AlertHours, AlertKind } from '@live-feed/core/alert/alert-condition';
import { z } from 'zod';
import { duration, wholeNumber } from '../inputs/written.ts';

/** How people write conditions of alerts: in options of the command line and in fields of forms. */

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const EXPECTED_HOURS = 'Expected days and hours such as mon-fri 09:00-18:00, or sat,sun 10:00-14:00.';

/** `mon-fri 09:00-18:00`, in the company's time zone. */
export const writtenHours = z.string().transform((text, context): AlertHours => {
  const [, days = '', from, to] =
    /^\s*([a-z,-]+)\s+(\d{1,2}:\d\d)\s*-\s*(\d{1,2}:\d\d)\s*$/i.exec(text.toLowerCase()) ?? [];
  const numbers = days.split(',').flatMap(readDays);
  if (from !== undefined && to !== undefined && numbers.length > 0 && !numbers.includes(0)) {
    const [begins, ends] = [from, to].map((time) => time.padStart(5, '0')) as [string, string];
    if (begins < ends && ends <= '24:00') return { days: [...new Set(numbers)], from: begins, to: ends };
  }
  context.addIssue({ code: 'custom', message: EXPECTED_HOURS });
  return z.NEVER;
});

/** As `writtenHours` reads it. */
export function writtenHoursOf({ days, from, to }: AlertHours): string {
  return `${days.map((day) => DAYS[day - 1]).join(',')} ${from}-${to}`;
}

/** 0 is none. */
function readDays(text: string): number[] {
  const [first = 0, last = first, ...rest] = text
    .split('-')
    .map((name) => (DAYS as readonly string[]).indexOf(name.slice(0, 3)) + 1);
  if (first === 0 || last === 0 || rest.length > 0 || last < first) return [0];
  return Array.from({ length: last - first + 1 }, (_, place) => first + place);
}

const percent = z.string().transform((text, context) => {
  const value = /^\d{1,3}(\.\d{1,2})?%?$/.test(text.trim()) ? Number.parseFloat(text) : Number.NaN;
  if (value >= 0 && value <= 100) return value;
  context.addIssue({ code: 'custom', message: 'Expected a share such as 60%.' });
  return z.NEVER;
});

const time = duration({ min: '1m', max: '1d' });

/** Members of a condition as people write them, by kind. */
export const WRITTEN_CONDITIONS = {
  acceptance: z.object({ below: percent, for: time, leads: wholeNumber(1, 1_000_000).optional() }),
  held: z.object({ for: time }),
  parked: z.object({ above: wholeNumber(0, 1_000_000) }),
  caps: z.object({ above: percent }),
  backlog: z.object({ above: wholeNumber(1, 1_000_000).optional(), olderThan: time.optional() }),
  webhook_off: z.object({}),
  no_leads: z.object({ for: time, hours: writtenHours.optional() }),
} as const satisfies Record<AlertKind, z.ZodObject>;

export type WrittenMember = 'below' | 'above' | 'for' | 'leads' | 'olderThan' | 'hours';

export interface WrittenProblem {
  readonly member: string;
  readonly message: string;
}

/** @returns the input of a condition, which the operation checks once more; or what is wrong */
export function readCondition(
  kind: AlertKind,
  written: Readonly<Partial<Record<WrittenMember, string>>>,
):
  | { readonly ok: true; readonly condition: object }
  | { readonly ok: false; readonly problems: WrittenProblem[] } {
  const given = Object.fromEntries(Object.entries(written).filter(([, text]) => text.trim() !== ''));
  const reading = z.strictObject(WRITTEN_CONDITIONS[kind].shape).safeParse(given);
  if (reading.success) {
    const { for: forMs, olderThan: olderThanMs, ...rest } = reading.data as Record<string, unknown>;
    return { ok: true, condition: { kind, ...rest, forMs, olderThanMs } };
  }
  const problems = reading.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((member) => ({ member, message: 'This kind of rule has no such value.' }))
      : [
          {
            member: String(issue.path[0] ?? ''),
            message:
              given[String(issue.path[0])] === undefined ? 'This kind of rule needs it.' : issue.message,
          },
        ],
  );
  return { ok: false, problems };
}
