import { z } from 'zod';

/** What rules of alerts look at. Times in milliseconds, shares in percent. */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const percent = z.number().min(0).max(100);
const atLeastAMinute = z.int().min(MINUTE_MS).max(DAY_MS);
const count = z.int().min(1).max(1_000_000);
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'Expected a time such as 08:30.');

/** Of the company's days, in its time zone. */
const hoursSchema = z
  .object({
    /** 1 is Monday. */
    days: z.array(z.int().min(1).max(7)).min(1).max(7),
    from: timeOfDay,
    to: timeOfDay,
  })
  .refine(({ from, to }) => from < to, 'The hours must end after they begin, on the same day.');

export type AlertHours = z.infer<typeof hoursSchema>;

export const alertConditionSchema = z.discriminatedUnion('kind', [
  /** Of the leads received in this time that were decided, at least so many. */
  z.object({
    kind: z.literal('acceptance'),
    below: percent,
    forMs: atLeastAMinute,
    leads: count.default(20),
  }),
  z.object({ kind: z.literal('held'), forMs: atLeastAMinute }),
  z.object({ kind: z.literal('parked'), above: z.int().min(0).max(1_000_000) }),
  z.object({ kind: z.literal('caps'), above: percent }),
  z
    .object({
      kind: z.literal('backlog'),
      above: count.optional(),
      olderThanMs: atLeastAMinute.optional(),
    })
    .refine(
      ({ above, olderThanMs }) => above !== undefined || olderThanMs !== undefined,
      'Expected a number of leads, an age, or both.',
    ),
  /** By Live Feed, since its endpoint failed; not by a person. */
  z.object({ kind: z.literal('webhook_off') }),
  z.object({ kind: z.literal('no_leads'), forMs: atLeastAMinute, hours: hoursSchema.optional() }),
]);

export type AlertCondition = z.infer<typeof alertConditionSchema>;
export type AlertKind = AlertCondition['kind'];

export const ALERT_KINDS = [
  'acceptance',
  'held',
  'parked',
  'caps',
  'backlog',
  'webhook_off',
  'no_leads',
] as const satisfies readonly AlertKind[];

/** Whether it can be looked at by campaign; the others belong to a company. */
export function isOfCampaigns(kind: AlertKind): boolean {
  return kind === 'acceptance' || kind === 'parked' || kind === 'no_leads';
}

/** How long the condition must hold until it is told of: the others look at a time themselves. */
export function beginAfterMs(condition: AlertCondition): number {
  return condition.kind === 'held' ? condition.forMs : 0;
}

/** "acceptance below 60% over 15 minutes, of at least 20 leads" */
export function conditionText(condition: AlertCondition): string {
  switch (condition.kind) {
    case 'acceptance':
      return `acceptance below ${condition.below}% over ${durationText(condition.forMs)}, of at least ${countText(condition.leads, 'lead')}`;
    case 'held':
      return `dialer held for more than ${durationText(condition.forMs)}`;
    case 'parked':
      return `more than ${countText(condition.above, 'parked lead')}`;
    case 'caps':
      return `more than ${condition.above}% of the caller IDs' caps used up`;
    case 'backlog': {
      const { above, olderThanMs } = condition;
      return [
        ...(above === undefined ? [] : [`more than ${countText(above, 'waiting lead')}`]),
        ...(olderThanMs === undefined ? [] : [`a lead waiting for more than ${durationText(olderThanMs)}`]),
      ].join(', or ');
    }
    case 'webhook_off':
      return 'webhook switched off';
    case 'no_leads': {
      const { hours } = condition;
      const when = hours === undefined ? '' : ` (${hoursText(hours)})`;
      return `no leads for ${durationText(condition.forMs)}${when}`;
    }
  }
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

function hoursText({ days, from, to }: AlertHours): string {
  const names = [...days].sort((a, b) => a - b).map((day) => DAYS[day - 1]);
  return `${names.length === 7 ? 'daily' : names.join(', ')} ${from} to ${to}`;
}

const UNITS = [
  ['day', DAY_MS],
  ['hour', 3_600_000],
  ['minute', MINUTE_MS],
  ['second', 1_000],
] as const;

/** In the largest unit that it is a whole number of, or rounded to minutes: "15 minutes". */
export function durationText(ms: number): string {
  const rounded = ms < MINUTE_MS ? Math.round(ms / 1_000) * 1_000 : Math.round(ms / MINUTE_MS) * MINUTE_MS;
  const [unit, unitMs] = UNITS.find(([, each]) => rounded >= each && rounded % each === 0) ?? [
    'second',
    1_000,
  ];
  return countText(rounded / unitMs, unit);
}

/** As people write it, in the largest unit that it is a whole number of: `15m`. */
export function writtenDuration(ms: number): string {
  const [unit, unitMs] = UNITS.find(([, each]) => ms >= each && ms % each === 0) ?? ['second', 1_000];
  return `${ms / unitMs}${unit.charAt(0)}`;
}

export function countText(number: number, one: string): string {
  return `${number.toLocaleString('en-US')} ${one}${number === 1 ? '' : 's'}`;
}

export interface LocalTime {
  /** 1 is Monday. */
  readonly day: number;
  /** Since midnight. */
  readonly minutes: number;
}

/** For how long the hours have been open at that time; undefined: they are not. */
export function openForMs(hours: AlertHours | undefined, { day, minutes }: LocalTime): number | undefined {
  if (hours === undefined) return Number.POSITIVE_INFINITY;
  const [from, to] = [minutesOf(hours.from), minutesOf(hours.to)];
  if (!hours.days.includes(day) || minutes < from || minutes >= to) return undefined;
  return (minutes - from) * MINUTE_MS;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
