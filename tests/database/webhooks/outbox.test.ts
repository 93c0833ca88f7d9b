import { newId } from '@live-feed/core/ids';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '@live-feed/database/connection/client';
import { giveBackQueued } from '@live-feed/database/leads/draining';
import { claimKey } from '@live-feed/database/leads/idempotency-keys';
import { intend } from '@live-feed/database/leads/intend';
import { abandon, type Settlement, settle, takeBack } from '@live-feed/database/leads/lead-transitions';
import { resolveParked, retryParked } from '@live-feed/database/leads/parked-leads';
import { noteHeld, noteReleased } from '@live-feed/database/webhooks/dialer-events';
import { countOutbox, forgetEvents } from '@live-feed/database/webhooks/outbox-upkeep';
import { rewriteEvents } from '@live-feed/database/webhooks/redelivery';
import { addWebhook, removeWebhook, switchOffWebhook } from '@live-feed/database/webhooks/webhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../../kit/services/database.ts';
import { ATTEMPT_TIMES, leadOf, promiseOne, SENT_TO, settlementOf, type Times } from '../leads/leads.ts';

/** The outbox against a real PostgreSQL: which statement writes which event, for whom. */

const server = useDatabase();
let database: Database;
let companyId: string;
let dialerId: string;

beforeAll(() => {
  database = connectDatabase(server.url, 8);
});
afterAll(() => database?.$disconnect());
beforeEach(async () => {
  companyId = newId();
  dialerId = newId();
  await database.company.create({ data: { id: companyId, name: `Company ${companyId}` } });
});

const settings = { url: 'https://hooks.test/', events: [] as string[], maxEvents: 1, headers: null };

async function webhook(of = companyId, more: Partial<typeof settings> = {}): Promise<string> {
  const id = await addWebhook(database, of, { ...settings, ...more }, 'sealed');
  if (id === undefined) throw new Error('There was no slot.');
  return id;
}

const newLead = (times: Times = {}) => leadOf({ companyId, dialerId, campaignId: '77' }, times);

async function begin(lead: LeadJob): Promise<void> {
  await intend(database, ATTEMPT_TIMES, [
    {
      id: newId(),
      companyId: lead.companyId,
      dialerId: lead.dialerId,
      campaignId: lead.campaignId,
      sentTo: SENT_TO,
      leads: [{ job: lead, toCall: { phone: '5551234567' } }],
    },
  ]);
}

async function settled(lead: LeadJob, how: Settlement['transition'], more: Partial<Settlement> = {}) {
  await begin(lead);
  await settle(database, [settlementOf(lead, how, more)]);
}

async function typesOf(webhookId: string): Promise<string[]> {
  const rows = await database.webhookEvent.findMany({ where: { webhookId }, orderBy: { id: 'asc' } });
  return rows.map(({ type }) => type);
}

describe('a lead that settles leaves an event in the same statement', () => {
  const cases: readonly (readonly [string, readonly string[], () => Promise<unknown>])[] = [
    ['accepted', ['lead.accepted'], () => settled(newLead(), 'accept')],
    ['rejected', ['lead.rejected'], () => settled(newLead(), 'reject')],
    ['blocked while its caller waits', ['lead.failed'], () => settled(newLead(), 'block')],
    ['released too late', ['lead.failed'], () => settled(newLead({ deadlineMs: 1_500 }), 'release')],
    ['parked as unverifiable', ['lead.parked'], () => settled(newLead(), 'park')],
    [
      'blocked after a promise',
      ['lead.parked'],
      async () => {
        const lead = newLead();
        await promiseOne(database, lead);
        await settled(lead, 'block');
      },
    ],
    [
      'promised, released and over its age',
      ['lead.expired'],
      async () => {
        const lead = newLead({ expiresMs: 500 });
        await promiseOne(database, lead);
        await settled(lead, 'release', { delayMs: 1_000 });
      },
    ],
    [
      'over its age before it is sent',
      ['lead.expired'],
      async () => {
        const lead = newLead({ expiresMs: -1_000 });
        await promiseOne(database, lead);
        await begin(lead);
      },
    ],
    [
      'promised, and taken back by its company',
      ['lead.abandoned'],
      async () => {
        const lead = newLead();
        await promiseOne(database, lead);
        await takeBack(database, { companyId, campaigns: undefined }, lead.leadId);
      },
    ],
    [
      'promised, and drained with its dialer',
      ['lead.abandoned'],
      async () => {
        await promiseOne(database, newLead());
        await giveBackQueued(database, dialerId, 10);
      },
    ],
    [
      'of a keyed request, and accepted',
      ['lead.accepted'],
      async () => {
        const lead = newLead();
        const digests = { keyDigest: newId().padEnd(64, '0'), requestDigest: '1'.repeat(64) };
        await claimKey(database, { companyId, ...digests, former: digests }, lead, false);
        await settled(lead, 'accept');
      },
    ],
    [
      'parked, and resolved by a person',
      ['lead.parked', 'lead.accepted'],
      async () => {
        const lead = newLead();
        await settled(lead, 'park');
        await resolveParked(
          database,
          { id: lead.leadId, attempt: 1 },
          { state: 'ACCEPTED', dialerResponse: null },
        );
      },
    ],
    [
      'parked, retried and parked again',
      ['lead.parked', 'lead.parked'],
      async () => {
        const lead = newLead();
        await settled(lead, 'park', { reason: 'OUTCOME_UNVERIFIABLE' });
        await retryParked(database, [{ id: lead.leadId, attempt: 1 }], 60_000);
        await settle(database, [settlementOf(lead, 'park')]);
      },
    ],
    [
      'promised after it was tried in vain',
      ['lead.failed'],
      async () => {
        const lead = newLead();
        await settled(lead, 'release');
        await promiseOne(database, lead, 'fails');
      },
    ],
  ];
  test.each(cases)('%s', async (_, expected, act) => {
    const webhookId = await webhook();
    await act();
    expect(await typesOf(webhookId)).toEqual(expected);
  });

  const none: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['begun', () => begin(newLead())],
    ['promised', () => promiseOne(database, newLead())],
    ['in doubt', () => settled(newLead(), 'doubt')],
    ['released in time', () => settled(newLead(), 'release')],
    ['given back before anybody was promised anything', () => abandon(database, newLead())],
    [
      'changed in other ways after its end',
      async () => {
        const lead = newLead();
        await settled(lead, 'accept');
        await database.webhookEvent.deleteMany({});
        await database.lead.update({ where: { id: lead.leadId }, data: { payload: 'sealed anew' } });
      },
    ],
  ];
  test.each(none)('none for a lead that is %s', async (_, act) => {
    const webhookId = await webhook();
    await act();
    expect(await typesOf(webhookId)).toEqual([]);
  });

  test('the event is there exactly if the outcome is', async () => {
    const webhookId = await webhook();
    const lead = newLead();
    await begin(lead);
    const undone = database.$transaction(async (transaction) => {
      await settle(transaction as Database, [settlementOf(lead, 'accept')]);
      throw new Error('the connection is lost');
    });
    await expect(undone).rejects.toThrow('the connection is lost');
    expect(await typesOf(webhookId)).toEqual([]);
    await settle(database, [settlementOf(lead, 'accept')]);
    expect(await typesOf(webhookId)).toEqual(['lead.accepted']);
    await settle(database, [settlementOf(lead, 'accept')]); // changes nothing
    expect(await typesOf(webhookId)).toEqual(['lead.accepted']);
  });

  test('leads of several companies in one statement: each company’s endpoints get its own', async () => {
    const mine = [await webhook(), await webhook()];
    const other = newId();
    await database.company.create({ data: { id: other, name: `Company ${other}` } });
    const theirs = await webhook(other);
    const leads = [newLead(), newLead(), leadOf({ companyId: other, dialerId: newId(), campaignId: '78' })];
    for (const lead of leads) await begin(lead);
    await settle(
      database,
      leads.map((lead) => settlementOf(lead, 'accept')),
    );
    const rows = await database.webhookEvent.findMany({ where: { webhookId: { in: [...mine, theirs] } } });
    const got = (id: string) => rows.filter(({ webhookId }) => webhookId === id).map(({ leadId }) => leadId);
    const ids = leads.map(({ leadId }) => leadId);
    for (const id of mine) expect(got(id).toSorted()).toEqual(ids.slice(0, 2).toSorted());
    expect(got(theirs)).toEqual(ids.slice(2));
    // Ids are UUIDv7, of now.
    for (const { id, createdAt } of rows) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
      const madeAt = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
      expect(Math.abs(madeAt - createdAt.getTime())).toBeLessThan(60_000);
    }
  });

  test('only events that the endpoint wants, and none while it is off or full', async () => {
    const picky = await webhook(companyId, { events: ['lead.rejected'] });
    const off = await webhook();
    await switchOffWebhook(database, off, 'BY_HAND');
    const full = await webhook();
    await database.webhook.update({ where: { id: full }, data: { fullSince: new Date() } });
    await settled(newLead(), 'accept');
    await settled(newLead(), 'reject');
    expect(await typesOf(picky)).toEqual(['lead.rejected']);
    expect(await typesOf(off)).toEqual([]);
    expect(await typesOf(full)).toEqual([]);
  });
});

describe('endpoints of a company', () => {
  test('of ten added at once three are', async () => {
    const added = await Promise.all(
      Array.from({ length: 10 }, () => addWebhook(database, companyId, settings, 'sealed')),
    );
    expect(added.filter((id) => id !== undefined)).toHaveLength(3);
    expect(await database.webhook.count({ where: { companyId } })).toBe(3);
    const [first = ''] = added.filter((id) => id !== undefined);
    await removeWebhook(database, first);
    expect(await addWebhook(database, companyId, settings, 'sealed')).toBeDefined();
    expect(await addWebhook(database, companyId, settings, 'sealed')).toBeUndefined();
  });

  test('a removed one takes its events along, as a removed company does', async () => {
    const [one, two] = [await webhook(), await webhook()];
    await settled(newLead(), 'accept');
    await removeWebhook(database, one);
    expect(await typesOf(one)).toEqual([]);
    expect(await typesOf(two)).toEqual(['lead.accepted']);
    await database.company.delete({ where: { id: companyId } });
    expect(await forgetEvents(database, 100)).toBeGreaterThan(0);
    expect(await typesOf(two)).toEqual([]);
  });
});

describe('upkeep of the outbox', () => {
  test('events are kept for a week, on both clocks', async () => {
    const webhookId = await webhook();
    await settled(newLead(), 'accept');
    await settled(newLead(), 'reject');
    const age = (days: number) => new Date(Date.now() - days * 86_400_000);
    await database.webhookEvent.updateMany({
      where: { webhookId, type: 'lead.accepted' },
      data: { createdAt: age(8) },
    });
    await forgetEvents(database, 100, { now: () => age(3).getTime() });
    expect(await typesOf(webhookId)).toHaveLength(2);
    await forgetEvents(database, 100);
    expect(await typesOf(webhookId)).toEqual(['lead.rejected']);
  });

  test('an endpoint with too many events gets no more until half of them are gone', async () => {
    const webhookId = await webhook();
    for (let n = 0; n < 4; n += 1) await settled(newLead(), 'accept');
    const fullSince = async () =>
      (await database.webhook.findUniqueOrThrow({ where: { id: webhookId } })).fullSince;
    await countOutbox(database, 5);
    expect(await fullSince()).toBeNull();
    await countOutbox(database, 4);
    expect(await fullSince()).not.toBeNull();
    await settled(newLead(), 'accept');
    expect(await typesOf(webhookId)).toHaveLength(4);
    const [first] = await database.webhookEvent.findMany({ where: { webhookId } });
    await database.webhookEvent.delete({ where: { id: first?.id ?? '' } });
    await countOutbox(database, 4);
    expect(await fullSince()).not.toBeNull();
    await database.webhookEvent.deleteMany({ where: { webhookId } });
    await countOutbox(database, 4);
    expect(await fullSince()).toBeNull();
  });
});

describe('events that are written again', () => {
  test('of leads that ended since, in pages, each once, as they stand now', async () => {
    const webhookId = await webhook();
    await switchOffWebhook(database, webhookId, 'BY_HAND');
    const leads = [newLead(), newLead(), newLead()];
    for (const lead of leads) await settled(lead, 'accept');
    const old = newLead();
    await settled(old, 'reject');
    await database.lead.update({
      where: { id: old.leadId },
      data: { finishedAt: new Date(Date.now() - 7_200_000) },
    });
    await begin(newLead());
    const rewrite = async () => {
      let written = 0;
      let afterId: string | undefined;
      do {
        const page = await rewriteEvents(database, {
          webhookId,
          sinceMs: Date.now() - 3_600_000,
          oldestMs: Date.now() - 86_400_000,
          afterId,
          limit: 2,
        });
        written += page.written;
        afterId = page.lastId;
      } while (afterId !== undefined);
      return written;
    };
    expect(await rewrite()).toBe(3);
    expect(await typesOf(webhookId)).toEqual(['lead.accepted', 'lead.accepted', 'lead.accepted']);
    expect(await rewrite()).toBe(0);
  });
});

describe('dialer.held and dialer.released', () => {
  test('alternate, however many workers look at once', async () => {
    const webhookId = await webhook();
    await database.dialer.create({
      data: { id: dialerId, companyId, family: 'ringcx', baseUrl: 'https://dialer.test', accountId: '1' },
    });
    const all = (note: typeof noteHeld) =>
      Promise.all(Array.from({ length: 5 }, () => note(database, dialerId, { dialerId })));
    expect((await all(noteReleased)).filter(Boolean)).toHaveLength(0);
    expect((await all(noteHeld)).filter(Boolean)).toHaveLength(1);
    expect((await all(noteReleased)).filter(Boolean)).toHaveLength(1);
    expect((await all(noteHeld)).filter(Boolean)).toHaveLength(1);
    expect(await typesOf(webhookId)).toEqual(['dialer.held', 'dialer.released', 'dialer.held']);
  });
});
