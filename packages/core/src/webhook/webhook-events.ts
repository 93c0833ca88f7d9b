/** What webhooks tell of, and how an event is written. */

/** By the state that a lead has come to: see `lead_event` in the migrations. */
export const LEAD_EVENTS = [
  'lead.accepted',
  'lead.rejected',
  'lead.failed',
  'lead.expired',
  'lead.parked',
  /** A promised lead was given back unsent. */
  'lead.abandoned',
] as const;

export const DIALER_EVENTS = ['dialer.held', 'dialer.released'] as const;

export const WEBHOOK_EVENTS = [...LEAD_EVENTS, ...DIALER_EVENTS] as const;
export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number];

/** Sent by a person who tries an endpoint. */
export const TEST_EVENT = 'webhook.test';

export interface EventHead {
  /** The same at each delivery. */
  readonly id: string;
  readonly type: string;
  /** When it happened. */
  readonly createdAt: Date;
}

/** @param data JSON text, as it stands in the event */
export function eventText({ id, type, createdAt }: EventHead, data: string): string {
  const head = JSON.stringify({ id, type, timestamp: createdAt.toISOString() });
  return `${head.slice(0, -1)},"data":${data}}`;
}

/** Several events for an endpoint that takes lists of them; also a single one. @param texts see `eventText`, oldest first */
export function batchText(texts: readonly string[], lastCreatedAt: Date): string {
  return `{"type":"batch","timestamp":${JSON.stringify(lastCreatedAt)},"data":[${texts.join(',')}]}`;
}
