/** A day somewhere, and how long it lasts from now on. */
export interface LocalDay {
  /** `2026-11-30` */
  readonly date: string;
  /** Exact but for the days on which clocks are put forward or back: there an hour may be missing or too much. */
  readonly endsInMs: number;
}

const DAY_MS = 86_400_000;

/** @param timeZone of the IANA database @param nowMs milliseconds since the epoch */
export function localDay(timeZone: string, nowMs: number): LocalDay {
  const parts = new Map(
    formatIn(timeZone)
      .formatToParts(nowMs)
      .map(({ type, value }) => [type, value]),
  );
  const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
  const sinceMidnightS = number('hour') * 3_600 + number('minute') * 60 + number('second');
  const date = `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
  return { date, endsInMs: DAY_MS - sinceMidnightS * 1_000 };
}

/** Making one takes a hundred times as long as using it. There are a few hundred time zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone, hourCycle: 'h23' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });
  formats.set(timeZone, format);
  return format;
}
