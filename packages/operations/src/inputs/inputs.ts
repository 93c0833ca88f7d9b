import { isId } from '@live-feed/core/ids';
import { z } from 'zod';

/** Members that the inputs of several operations have. */

export const companyInput = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .describe('name or id of the company, or the id of its dialer');

/** @param of what it is of: "the key" */
export function idInput(of: string) {
  return z
    .string()
    .toLowerCase()
    .refine(isId, 'Expected an id, as the list shows it.')
    .describe(`id of ${of}`);
}

const MINUTE_MS = 60_000;
const LONGEST_LIFE_MS = 3_650 * 24 * 60 * MINUTE_MS;

/** Milliseconds. */
export function lifetimeInput() {
  return z
    .int()
    .min(MINUTE_MS)
    .max(LONGEST_LIFE_MS)
    .describe('lifetime in milliseconds; without one it does not expire');
}

/** A moment: ISO 8601 with a time zone, since 1970. */
export function momentInput() {
  return z.iso
    .datetime({ offset: true })
    .refine((text) => Date.parse(text) >= 0, 'Expected a time since 1970.')
    .transform((text) => new Date(text));
}

/** For `refine`: something other than these is named. @param those that say what is changed */
export function changesMoreThan(...those: readonly string[]) {
  return [
    (input: object) =>
      Object.entries(input).some(([name, value]) => value !== undefined && !those.includes(name)),
    'Name a setting to change.',
  ] as const;
}

/** How long something lasts, in milliseconds. */
export function durationInput({ min, max }: { readonly min: number; readonly max: number }) {
  return z.int().min(min).max(max);
}
