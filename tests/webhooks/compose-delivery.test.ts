import { randomBytes } from 'node:crypto';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import { newId } from '@live-feed/core/ids';
import { SEALED } from '@live-feed/core/lead/lead-job';
import type { Database } from '@live-feed/database/connection/client';
import type { OutboxEvent } from '@live-feed/database/webhooks/outbox';
import { composeDelivery } from '@live-feed/worker/webhooks/compose-delivery';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';

/** What leaves together, of leads in a real PostgreSQL. */

const server = useDatabase();
let database: Database;
beforeAll(() => {
  database = connectDatabase(server.url);
});
afterAll(() => database?.$disconnect());

const keyring = parseKeyring(`k1:${randomBytes(32).toString('base64')}`);
const companyId = newId();

/** @param responseBytes of the dialing system's response */
async function leadEvent(responseBytes: number, more: Partial<OutboxEvent> = {}): Promise<OutboxEvent> {
  const leadId = newId();
  const now = new Date();
  const response = JSON.stringify({ message: 'x'.repeat(responseBytes) });
  await database.lead.create({
    data: {
      ...{ id: leadId, companyId, dialerId: newId(), campaignId: '1', state: 'ACCEPTED' },
      ...{ phoneDigest: '0'.repeat(64), phoneLast2: '67', payload: 'sealed under a lost key' },
      dialerResponse: keyring.seal(response, { companyId, column: SEALED.dialerResponse }),
      ...{ receivedAt: now, deadline: now, dueAt: now, expiresAt: now },
    },
  });
  return {
    ...{ id: newId(), type: 'lead.accepted', leadId, details: null, createdAt: now },
    ...{ deliveryId: null, attempt: 0 },
    ...more,
  };
}

const compose = (events: readonly OutboxEvent[], maxEvents: number, of = companyId) =>
  composeDelivery({ database, keyring }, { companyId: of, maxEvents }, events);

describe('composeDelivery', () => {
  test('takes no more events than the endpoint wants, in their order', async () => {
    const events = [await leadEvent(1), await leadEvent(1), await leadEvent(1)];
    const { delivery } = await compose(events, 2);
    expect(delivery?.events).toEqual(events.slice(0, 2));
    expect((await compose(events, 1)).delivery?.body).toContain(events[0]?.leadId);
  });

  test('ends a list when it is large, but sends a large event', async () => {
    const events = [await leadEvent(200_000), await leadEvent(200_000), await leadEvent(200_000)];
    expect((await compose(events, 100)).delivery?.events).toHaveLength(2);
    const huge = [await leadEvent(900_000), await leadEvent(1)];
    expect((await compose(huge, 100)).delivery?.events).toHaveLength(1);
  });

  test('keeps together what was tried together, whatever the settings are now', async () => {
    const deliveryId = newId();
    const events = [
      await leadEvent(200_000, { deliveryId }),
      await leadEvent(200_000, { deliveryId }),
      await leadEvent(1, { deliveryId }),
    ];
    expect((await compose(events, 2)).delivery?.events).toHaveLength(3);
  });

  test('has nothing to tell of a lead that is not there, or is another company’s', async () => {
    const event = await leadEvent(1);
    const gone = { ...event, leadId: newId() };
    expect(await compose([gone], 100)).toEqual({ delivery: undefined, gone: [gone], unreadable: [] });
    expect(await compose([event], 100, newId())).toEqual({
      delivery: undefined,
      gone: [event],
      unreadable: [],
    });
    expect((await compose([gone, event], 100)).delivery?.events).toEqual([event]);
  });

  test('sets aside an event whose response cannot be decrypted', async () => {
    const event = await leadEvent(1);
    const lost = parseKeyring(`k2:${randomBytes(32).toString('base64')}`);
    const composed = await composeDelivery({ database, keyring: lost }, { companyId, maxEvents: 1 }, [event]);
    expect(composed).toEqual({ delivery: undefined, gone: [], unreadable: [event] });
  });
});
