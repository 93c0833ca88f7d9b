import { WEBHOOK_EVENTS, type WebhookEventType } from '@live-feed/core/webhook/webhook-events';
import { z } from 'zod';

const EXPECTED = `Expected "all", or some of ${WEBHOOK_EVENTS.join(', ')}, separated by commas.`;

/** Empty: all. */
export const webhookEvents = z.string().transform((text, context): WebhookEventType[] => {
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  if (names.length === 1 && names[0] === 'all') return [];
  const known = WEBHOOK_EVENTS.filter((event) => names.includes(event));
  if (known.length === new Set(names).size) return known;
  context.addIssue({ code: 'custom', message: EXPECTED });
  return z.NEVER;
});
