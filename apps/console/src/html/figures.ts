/** Figures for people. */

export function number(count: number): string {
  return count.toLocaleString('en-US');
}

/** @param of 0 to 1 */
export function share(of: number | null): string {
  return of === null ? '–' : `${(of * 100).toFixed(1)} %`;
}

/** Times are known to the next of a few values. */
export function milliseconds(ms: number | null): string {
  if (ms === null) return '–';
  return ms > 86_400_000 ? 'over a day' : `≤ ${number(ms)} ms`;
}
