import { DIALER_EVENTS, LEAD_EVENTS } from '@live-feed/core/webhook/webhook-events';
import { z } from 'zod';
import type { DocumentedWebhook } from '../openapi/webhooks.ts';
import { statusSchema } from './status-answers.ts';
import { STATUS } from './status-document.ts';

/** What companies' endpoints get; workers send it. See docs/api.md. */

const head = {
  id: z.string().describe('The same however often the event comes: remember those that you have had.'),
  timestamp: z.iso.datetime().describe('When it happened.'),
};

const leadEventSchema = z
  .object({ ...head, type: z.enum(LEAD_EVENTS), data: statusSchema })
  .meta({ id: 'LeadWebhook', description: 'A lead has settled. `data` is its status as the event is sent.' });

const dialerEventSchema = z
  .object({
    ...head,
    type: z.enum(DIALER_EVENTS),
    data: z.object({
      dialerId: z.string(),
      reason: z
        .string()
        .optional()
        .describe('Of `dialer.held`: `failing`, `token_refused`, `throttled` or `ops`.'),
      heldUntil: z.iso.datetime().optional().describe('Of `dialer.held`; it may be held for longer.'),
    }),
  })
  .meta({
    id: 'DialerWebhook',
    description: 'The company’s dialer gets no leads for a while, or gets them again.',
  });

const batchSchema = z
  .object({
    type: z.literal('batch'),
    timestamp: z.iso.datetime(),
    data: z.array(z.union([leadEventSchema, dialerEventSchema])),
  })
  .meta({ id: 'WebhookBatch', description: 'Up to 100 events, oldest first.' });

const LEAD_EVENT = {
  id: '019ab3f6-7c1b-7d20-9a57-1f0c8e2b4d61',
  type: 'lead.accepted',
  timestamp: '2026-11-23T15:37:24.317Z',
  data: STATUS,
};

const DIALER_EVENT = {
  id: '019ab3f6-9d02-7e11-8b44-5a1f3c6d7e80',
  type: 'dialer.held',
  timestamp: '2026-11-23T15:40:02.008Z',
  data: {
    dialerId: '019a3f6e-7c1b-7d20-9a57-1f0c8e2b4d10',
    reason: 'failing',
    heldUntil: '2026-11-23T15:40:32.000Z',
  },
};

export const WEBHOOKS: Readonly<Record<string, DocumentedWebhook>> = {
  leadEvent: {
    summary: 'What became of a lead',
    description:
      'Posted to the company’s endpoints once the outcome of a lead is stored, at least once. The operator adds endpoints.',
    schema: leadEventSchema,
    example: LEAD_EVENT,
  },
  dialerEvent: {
    summary: 'The dialer is held or released',
    description: 'Posted to the company’s endpoints. A hold of less than two seconds may not be told.',
    schema: dialerEventSchema,
    example: DIALER_EVENT,
  },
  eventBatch: {
    summary: 'Several events at once',
    description: 'In place of the others, to endpoints that take lists; also for a single event.',
    schema: batchSchema,
    example: { type: 'batch', timestamp: DIALER_EVENT.timestamp, data: [LEAD_EVENT, DIALER_EVENT] },
  },
};
