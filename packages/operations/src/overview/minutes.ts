import { type LeadCount, type LeadFigures, summarise } from '@live-feed/core/lead/lead-figures';

export interface Minute extends LeadFigures {
  /** When it begins. */
  readonly at: Date;
}

export const MINUTE_MS = 60_000;

/** When the first of so many minutes begins, of which the last is the present one. */
export function firstMinute(nowMs: number, minutes: number): number {
  return Math.floor(nowMs / MINUTE_MS) * MINUTE_MS - (minutes - 1) * MINUTE_MS;
}

/** Every minute of the time, also those without leads. @param counts by the beginning of the minute */
export function minuteSeries(
  counts: ReadonlyMap<number, readonly LeadCount[]>,
  firstMs: number,
  minutes: number,
): Minute[] {
  return Array.from({ length: minutes }, (_, n) => {
    const atMs = firstMs + n * MINUTE_MS;
    return { at: new Date(atMs), ...summarise(counts.get(atMs) ?? []) };
  });
}
