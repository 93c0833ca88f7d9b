import { WEBHOOK_EVENTS } from '@live-feed/core/webhook/webhook-events';
import { z } from 'zod';

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
