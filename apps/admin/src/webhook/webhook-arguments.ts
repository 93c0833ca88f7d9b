import { WEBHOOK_EVENTS } from '@live-feed/core/webhook/webhook-events';
import { type WebhookHeaders, webhookHeadersSchema } from '@live-feed/core/webhook/webhook-settings';
import { z } from 'zod';
import { Refusal } from '../terminal/refusal.ts';

const EXPECTED = `Expected "all", or some of ${WEBHOOK_EVENTS.join(', ')}, separated by commas.`;

/** Empty: all. */
export const webhookEvents = z.string().transform((text, context) => {
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  if (names.length === 1 && names[0] === 'all') return [];
  const known: readonly string[] = WEBHOOK_EVENTS;
  if (names.every((name) => known.includes(name))) return [...new Set(names)];
  context.addIssue({ code: 'custom', message: EXPECTED });
  return z.NEVER;
});

/** @param text a `Name: value` on each line @throws Refusal that does not repeat values */
export function parseHeaders(text: string): WebhookHeaders {
  const lines = text.split('\n').map((line) => line.trim());
  const headers = lines
    .filter((line) => line !== '')
    .map((line, at) => {
      const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) return [name.toLowerCase(), value] as const;
      throw new Refusal(
        `Line ${at + 1} of the headers is not of the form "Name: value". Nothing was changed.`,
      );
    });
  const reading = webhookHeadersSchema.safeParse(Object.fromEntries(headers));
  if (reading.success) return reading.data;
  const [issue] = reading.error.issues;
  throw new Refusal(`${String(issue?.path[0] ?? 'Headers')}: ${issue?.message} Nothing was changed.`);
}
