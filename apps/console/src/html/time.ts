import { html, type Markup } from './html.ts';

/** A moment to the second, in the zone that is named with it. @param zone IANA name; a company's, or UTC */
export function time(moment: Date, zone = 'UTC'): Markup {
  return html`<time datetime=${moment.toISOString()}>${written(moment, zone)}</time>`;
}

/** As `2026-11-30 14:05:09 UTC`. */
export function written(moment: Date, zone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  const { year, month, day, hour, minute, second, timeZoneName } = Object.fromEntries(
    format.formatToParts(moment).map(({ type, value }) => [type, value]),
  );
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${timeZoneName}`;
}
