/**
 * The moment that a clock in a zone shows, to the minute. Of one that it shows twice, when the clocks are set back, the earlier one.
 *
 * @param text `2026-11-30T14:05`, as a browser's field has it
 * @returns undefined if it is no such text
 */
export function momentIn(zone: string, text: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text)) return undefined;
  const wall = Date.parse(`${text}Z`);
  // No lead is from before, and the years after have five digits.
  if (Number.isNaN(wall) || wall < 0 || wall >= END_MS) return undefined;
  // The offset a day before and after: one of them is that of the moment, unless the zone has changed its offset twice.
  const candidates = [-DAY_MS, DAY_MS].map((away) => wall - offsetMs(zone, wall + away));
  const exact = candidates.filter((moment) => moment + offsetMs(zone, moment) === wall);
  return new Date(Math.min(...(exact.length === 0 ? candidates : exact)));
}

const END_MS = Date.UTC(9_999, 0);
const DAY_MS = 86_400_000;

/** What the zone's clock is ahead of UTC at a moment. */
function offsetMs(zone: string, momentMs: number): number {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return (
    Date.parse(`${format.format(new Date(momentMs)).replace(' ', 'T')}Z`) -
    Math.floor(momentMs / 1_000) * 1_000
  );
}
