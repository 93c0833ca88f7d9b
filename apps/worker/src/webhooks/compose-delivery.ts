import { type Keyring, SealError } from '@live-feed/core/crypto/sealing';
import type { TracedLead } from '@live-feed/core/lead/lead-record';
import { statusBody } from '@live-feed/core/status/lead-status';
import { batchText, eventText } from '@live-feed/core/webhook/webhook-events';
import type { Database } from '@live-feed/database/connection/client';
import { findTracedLeads } from '@live-feed/database/leads/lead-status';
import type { ClaimedWebhook, OutboxEvent } from '@live-feed/database/webhooks/outbox';

/** Events that leave together. */
export interface ComposedDelivery {
  readonly events: readonly OutboxEvent[];
  readonly body: string;
}

export interface Composition {
  /** Undefined if there is nothing to send. */
  readonly delivery: ComposedDelivery | undefined;
  /** Events of leads that were removed: there is nothing to tell. */
  readonly gone: readonly OutboxEvent[];
  /** Events of leads whose response cannot be decrypted with the keys that there are. */
  readonly unreadable: readonly OutboxEvent[];
}

/** Bytes of a delivery, beyond which no further event is added: a signature is made in this process, in a few milliseconds. */
const MAX_BODY_BYTES = 256 * 1_024;

/** @param events as `nextEvents` gives them */
export async function composeDelivery(
  tools: { readonly database: Database; readonly keyring: Keyring },
  { companyId, maxEvents }: Pick<ClaimedWebhook, 'companyId' | 'maxEvents'>,
  events: readonly OutboxEvent[],
): Promise<Composition> {
  const ids = [...new Set(events.flatMap(({ leadId }) => leadId ?? []))];
  const leads = ids.length === 0 ? [] : await findTracedLeads(tools.database, companyId, ids);
  const byId = new Map(leads.map((lead) => [lead.id, lead]));
  const isFixed = maxEvents > 1 && events[0]?.deliveryId !== null;
  const texts: string[] = [];
  const taken: OutboxEvent[] = [];
  const gone: OutboxEvent[] = [];
  const unreadable: OutboxEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    if (!isFixed && (taken.length >= maxEvents || bytes > MAX_BODY_BYTES)) break;
    const lead = event.leadId === null ? undefined : byId.get(event.leadId);
    const data =
      event.leadId === null ? JSON.stringify(event.details) : lead && readable(tools.keyring, lead);
    if (data === undefined) gone.push(event);
    else if (data === null) unreadable.push(event);
    else {
      const text = eventText(event, data);
      bytes += Buffer.byteLength(text);
      texts.push(text);
      taken.push(event);
    }
  }
  const last = taken.at(-1);
  if (last === undefined) return { delivery: undefined, gone, unreadable };
  const body = maxEvents === 1 ? (texts[0] ?? '') : batchText(texts, last.createdAt);
  return { delivery: { events: taken, body }, gone, unreadable };
}

/** Its status, JSON text; null if it cannot be decrypted. */
function readable(keyring: Keyring, lead: TracedLead): string | null {
  try {
    return statusBody(keyring, lead);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}
