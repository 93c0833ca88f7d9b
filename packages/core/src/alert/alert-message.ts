import { z } from 'zod';

/** What people and programs are told of an alert. It names companies and campaigns, never a person or a phone. */

const subjectSchema = z.object({ id: z.string(), name: z.string() });

/** As it is stored until it is sent: names are those of the moment when it happened. */
export const alertMessageSchema = z.object({
  event: z.enum(['begun', 'ended', 'test']),
  /** The same when it begins and when it ends. */
  alertId: z.string(),
  ruleId: z.string().nullable(),
  kind: z.string(),
  /** In words: what the rule looks at. */
  condition: z.string(),
  company: subjectSchema.nullable(),
  campaign: subjectSchema.nullable(),
  /** The host of a webhook that is off. */
  endpoint: z.string().nullable(),
  /** What was seen, a sentence. */
  known: z.string(),
  /** ISO 8601. */
  since: z.string(),
  until: z.string().nullable(),
});

export type AlertMessage = z.infer<typeof alertMessageSchema>;

/** Told one by one in a message; of the others only how many they are. */
export const MOST_TOLD = 10;

const WORDS = { begun: 'Begun', ended: 'Over', test: 'Test' } as const;

/** In one line: "Begun: Acme Solar, campaign Summer (123): acceptance below 60% over 15 minutes". */
export function headline({ event, company, campaign, endpoint, condition }: AlertMessage): string {
  const about = [
    ...(company === null ? [] : [company.name]),
    ...(campaign === null ? [] : [`campaign ${campaignText(campaign)}`]),
    ...(endpoint === null ? [] : [endpoint]),
  ].join(', ');
  return `${WORDS[event]}: ${about === '' ? '' : `${about}: `}${condition}`;
}

function campaignText({ id, name }: { readonly id: string; readonly name: string }): string {
  return name === id ? id : `${name} (${id})`;
}

export interface ToldAlerts {
  readonly subject: string;
  readonly text: string;
}

/**
 * Several messages as one text.
 *
 * @param messages at least one, oldest first
 * @param pageUrl of the console; undefined: it has none that people can reach
 */
export function alertText(messages: readonly AlertMessage[], pageUrl: string | undefined): ToldAlerts {
  const told = messages.slice(0, MOST_TOLD);
  const more = messages.length - told.length;
  const [first] = told;
  const others = messages.length - 1;
  const subject = `[Live Feed] ${first === undefined ? '' : headline(first)}${others > 0 ? ` (and ${others} more)` : ''}`;
  const parts = told.map((message) => [headline(message), message.known, timesOf(message)].join('\n'));
  return {
    subject,
    text: [
      ...parts,
      ...(more > 0 ? [`… and ${more} more.`] : []),
      ...(pageUrl === undefined ? [] : [pageUrl]),
    ].join('\n\n'),
  };
}

function timesOf({ since, until }: AlertMessage): string {
  return until === null ? `Since ${minuteOf(since)}` : `From ${minuteOf(since)} to ${minuteOf(until)}`;
}

/** "2026-11-30 14:20 UTC" */
function minuteOf(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
