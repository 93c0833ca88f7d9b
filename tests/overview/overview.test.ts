import { newId } from '@live-feed/core/ids';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { localDay } from '@live-feed/core/limits/local-day';
import { setAniRules } from '@live-feed/database/caller-ids/ani-inventory';
import type { Database } from '@live-feed/database/connection/client';
import { noteCampaignSync, setCampaignSync } from '@live-feed/database/directory/campaign-syncs';
import { putPhoneCheck } from '@live-feed/database/directory/phone-checks';
import { addChanges } from '@live-feed/database/figures/count-leads';
import { intend } from '@live-feed/database/leads/intend';
import { settle } from '@live-feed/database/leads/lead-transitions';
import { readOverviewTimes } from '@live-feed/database/overview/overview-times';
import { resumeCampaign } from '@live-feed/database/pauses/campaign-pauses';
import { addWebhook, switchOffWebhook } from '@live-feed/database/webhooks/webhooks';
import type { Actor } from '@live-feed/operations/actor';
import { campaignPause } from '@live-feed/operations/campaign/campaign-changes';
import { overviewShow } from '@live-feed/operations/overview/overview';
import { perform } from '@live-feed/operations/perform';
import { Refusal } from '@live-feed/operations/refusal';
import type { Resources } from '@live-feed/operations/resources';
import { openInspectedQueue } from '@live-feed/queue/jobs/inspected-queue';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ATTEMPT_TIMES, leadOf, SENT_TO, settlementOf } from '../database/leads/leads.ts';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';

/** Whoever looks at the overview learns what needs a person, of the companies that they reach, and of no other. */

const postgres = useDatabase();
const redisServer = useRedis();
let database: Database;
let redis: Redis;

beforeAll(async () => {
  database = connectDatabase(postgres.url);
  redis = connectRedis(redisServer.url, 'requests', () => {});
  await whenReady(redis, 10_000);
});
afterAll(async () => {
  await closeRedis(redis);
  await database.$disconnect();
});

interface TestCompany {
  readonly id: string;
  readonly name: string;
  readonly dialer: { readonly id: string; readonly baseUrl: string; readonly accountId: string };
}

let acme: TestCompany;
let other: TestCompany;

beforeEach(async () => {
  [acme, other] = [await addCompany('Acme'), await addCompany('Other')];
});

async function addCompany(named: string): Promise<TestCompany> {
  const id = newId();
  const name = `${named} ${id}`;
  const dialer = { id: newId(), baseUrl: 'http://127.0.0.1:9', accountId: id };
  await database.company.create({ data: { id, name, timeZone: 'Asia/Kolkata' } });
  await database.dialer.create({ data: { ...dialer, companyId: id, family: 'ringcx' } });
  await database.campaign.create({ data: { id: newId(), companyId: id, campaignId: '77', name: 'Roofs' } });
  return { id, name, dialer };
}

function show(
  input: { company?: string; minutes?: number } = {},
  actor: Partial<Actor> = {},
  getRedis = async () => redis,
) {
  const viewer: Actor = {
    ...{ id: null, name: 'vera', via: 'console', from: '203.0.113.7', role: 'viewer', companyId: null },
    ...actor,
  };
  // It needs these two only.
  const resources = { database, redis: getRedis } as unknown as Resources;
  return perform({ actor: viewer, resources }, overviewShow, input);
}

interface Leads {
  readonly company?: TestCompany;
  readonly at?: Date;
  readonly state?: string;
  readonly reason?: string;
  readonly leads?: number;
}

/** As the trigger writes them. */
async function count({
  company = acme,
  at = new Date(),
  state = 'ACCEPTED',
  reason = '',
  leads = 1,
}: Leads): Promise<void> {
  await database.$executeRaw`
    INSERT INTO lead_changes (id, company_id, received_at, campaign_id, source, state, reason, within_ms, leads)
    VALUES (${newId()}::uuid, ${company.id}::uuid, date_trunc('minute', ${at}::timestamptz), '77', '', ${state}::lead_state, ${reason}, 400, ${leads}::int)`;
}

const later = (moment: Date, ms: number) => new Date(moment.getTime() + ms);
const MINUTE_MS = 60_000;

describe('figures', () => {
  test('are of each minute, the last hour, and today beside yesterday and last week, whether added up or not', async () => {
    const { now, today, yesterday, lastWeek } = await readOverviewTimes(database, acme.id);
    await count({ at: now, leads: 3 });
    await count({ at: now, state: 'REJECTED', reason: 'DIALER_REJECTED' });
    await count({ at: yesterday.from, leads: 5 });
    await count({ at: lastWeek.from, state: 'FAILED', reason: 'DIALER_FAILED', leads: 8 });
    // At no time that is looked at.
    for (const { from, until } of [yesterday, lastWeek]) {
      await count({ at: later(from, -MINUTE_MS), leads: 100 });
      await count({ at: later(until, MINUTE_MS), leads: 100 });
    }
    await count({ company: other, at: now, leads: 1_000 });

    async function look() {
      const found = await show({ company: acme.name, minutes: 10 });
      const byMinute = found.minutes.map(({ at, byState: { ACCEPTED, REJECTED } }) => [
        at,
        ACCEPTED,
        REJECTED,
      ]);
      expect(byMinute).toHaveLength(10);
      expect(byMinute.filter(([, accepted]) => accepted !== 0)).toEqual([
        [new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS), 3, 1],
      ]);
      expect(found.timeZone).toBe('Asia/Kolkata');
      expect(found.today.from).toEqual(today.from);
      expect([
        found.lastHour.leads,
        found.today.leads,
        found.yesterday.leads,
        found.lastWeek.byState.FAILED,
      ]).toEqual([4, 4, 5, 8]);
      expect(found.today).toMatchObject({ acceptance: 0.75, p50Ms: 400 });
      expect(found.campaigns).toMatchObject([
        {
          ...{ company: acme.name, campaignId: '77', campaign: 'Roofs' },
          ...{ today: { leads: 4, acceptance: 0.75 }, yesterday: { leads: 5, acceptance: 1 } },
          reasons: [{ reason: 'DIALER_REJECTED', leads: 1 }],
        },
      ]);
    }
    await look();
    while ((await addChanges(database, 1_000)) > 0);
    await look();
  });

  test('of last week are by hour: of the hour in progress then, its part is counted', async () => {
    const { lastWeek } = await readOverviewTimes(database, acme.id);
    const halfHourAgo = later(lastWeek.until, -30 * MINUTE_MS);
    await database.$executeRaw`
      INSERT INTO lead_figures (company_id, period, begins_at, campaign_id, source, state, reason, within_ms, leads)
      VALUES (${acme.id}::uuid, 'hour', ${halfHourAgo}, '77', '', 'ACCEPTED', '', 400, 1000)`;
    const { lastWeek: found } = await show({ company: acme.name });
    const startsToday = halfHourAgo >= lastWeek.from;
    expect(Math.abs(found.leads - (startsToday ? 500 : 0))).toBeLessThan(30);
  });
});

describe('what needs a person', () => {
  const kinds = async (input: Parameters<typeof show>[0] = { company: acme.name }) =>
    (await show(input)).attention.map(({ severity, kind, message }) => `${severity} ${kind}: ${message}`);

  test('is nothing where nothing does', async () => {
    expect(await kinds()).toEqual([]);
  });

  test('is parked leads, by campaign, with the oldest', async () => {
    const parked = leadOf({ companyId: acme.id, dialerId: acme.dialer.id, campaignId: '77' });
    await begin(acme, [parked]);
    await settle(database, [settlementOf(parked, 'park')]);
    const [found, ...others] = (await show({ company: acme.name })).attention;
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      ...{ severity: 'red', kind: 'parked_leads', company: acme.name, campaignId: '77', campaign: 'Roofs' },
      ...{
        message: '1 lead is parked: whether the dialing system has it is not known.',
        mend: { operation: 'lead.retry-all', values: [acme.name] },
      },
      at: new Date(parked.receivedAtMs),
    });
  });

  test('is a dialer that is held or paused, but not one that was asked to slow down', async () => {
    const health = createDialerHealth(redis);
    await health.throttled(dialerAddress(other.dialer), 30_000);
    expect(await kinds({ company: other.name })).toEqual([]);
    await health.hold(dialerAddress(acme.dialer), 600_000, 'they move house');
    expect(await kinds()).toEqual(['amber dialer_held: The dialer is held: by a person; they move house.']);
    const { dialers, backlog } = await show();
    expect(dialers?.slice(0, 2).map(({ light }) => light)).toEqual(['held', 'held']);
    expect(backlog).toBe(0);
    await health.release(dialerAddress(acme.dialer));
    const queue = await openInspectedQueue(redis, acme.dialer.id, () => undefined);
    await queue.pause();
    await queue.close();
    expect(await kinds()).toEqual(['amber dialer_paused: The dialer is paused.']);
  });

  test('is numbers at their caps, a webhook that was switched off, a key that ends, and campaigns that cannot be read', async () => {
    const today = localDay('Asia/Kolkata', Date.now()).date;
    const ani = (phone: string, used: number) => ({
      ...{ id: newId(), companyId: acme.id, phone, dailyCap: 10, used, usedOn: new Date(today) },
    });
    const first = 2_000_000_000 + Math.floor(Math.random() * 1e9);
    await database.ani.createMany({ data: [ani(String(first), 10), ani(String(first + 1), 10)] });
    const id = await addWebhook(
      database,
      acme.id,
      { url: 'https://hooks.example/leads', events: [], maxEvents: 1, headers: null },
      'sealed',
    );
    await switchOffWebhook(database, id ?? '', 'GONE');
    await database.apiKey.create({
      data: {
        ...{
          id: newId(),
          companyId: acme.id,
          type: 'universal',
          digest: newId().padEnd(64, 'f'),
          hint: 'xy',
        },
        ...{ settings: { label: 'Vendor A' }, expiresAt: new Date(Date.now() + 50 * 3_600_000) },
      },
    });
    await setCampaignSync(database, acme.dialer.id, 60_000);
    await noteCampaignSync(database, acme.dialer.id, 'The dialing system said 401.');
    expect((await kinds()).sort()).toEqual([
      'amber caller_ids_used_up: All 2 numbers have reached their caps for today: leads are sent without one.',
      'amber campaigns_not_read: Its campaigns could not be read from the dialing system: The dialing system said 401.',
      'amber key_ends: The key "Vendor A" ends in 2 days.',
      'red webhook_off: The webhook to hooks.example was switched off: it said that it is gone.',
    ]);
    await setAniRules(database, acme.id, { whenNone: 'reject' });
    expect(await kinds()).toContain(
      'red caller_ids_used_up: All 2 numbers have reached their caps for today: leads are rejected.',
    );
  });

  test('is a campaign whose acceptance fell, in the last hour already, and one without leads', async () => {
    const { now, yesterday } = await readOverviewTimes(database, acme.id);
    await count({ at: yesterday.from, leads: 90 });
    await count({ at: yesterday.from, state: 'REJECTED', leads: 10 });
    expect(await kinds()).toEqual([
      'amber no_leads: No lead came today; yesterday by this time there were 100.',
    ]);
    await count({ at: now, leads: 12 });
    await count({ at: now, state: 'REJECTED', leads: 18 });
    const fell =
      'red acceptance_fell: Acceptance is 40.0 % in the last hour; yesterday by this time it was 90.0 %.';
    expect(await kinds()).toEqual([fell]);
  });

  test('is a paused campaign, since when, by whom and why', async () => {
    const admin: Actor = {
      ...{ id: null, name: 'olga', via: 'console', from: '203.0.113.7', role: 'operator', companyId: null },
    };
    const pause = (input: { forMs?: number; newLeads?: 'keep'; reason?: string }) =>
      perform({ actor: admin, resources: { database } as unknown as Resources }, campaignPause, {
        ...{ company: acme.name, campaignId: '77', ...input },
      });
    await pause({ reason: 'wrong script' });
    const [found, ...others] = (await show({ company: acme.name })).attention;
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      ...{ severity: 'amber', kind: 'campaign_paused', campaignId: '77', campaign: 'Roofs' },
      message: 'The campaign is paused by olga until it is resumed: wrong script; new leads are refused.',
      mend: { operation: 'campaign.resume', values: [acme.name, '77'] },
    });
    expect(found?.at).toBeInstanceOf(Date);
    await pause({ newLeads: 'keep', forMs: 3_600_000 });
    expect((await kinds())[0]).toMatch(
      /^amber campaign_paused: The campaign is paused by olga until 20.*Z; new leads are kept where their callers do not wait\.$/,
    );
    // Not recorded: nobody knows who it was.
    await database.$executeRaw`UPDATE campaigns SET paused_at = now() - interval '1 hour' WHERE company_id = ${acme.id}::uuid`;
    expect((await kinds())[0]).toContain('The campaign is paused until 20');
    await resumeCampaign(database, acme.id, '77');
    expect(await kinds()).toEqual([]);
  });

  test('is a check of phones that does not answer, whether its leads are refused or sent', async () => {
    const check = { url: 'https://check.example', headers: null, timeoutMs: 1_000, cacheMs: 0 };
    await putPhoneCheck(database, acme.id, { ...check, unanswered: 'refuse' });
    const refuse = (id: string) =>
      database.refusedRequest.create({
        data: {
          ...{ id, companyId: acme.id, keyId: newId(), status: 503, reason: '' },
          code: 'PHONE_CHECK_UNAVAILABLE',
        },
      });
    for (let n = 0; n < 4; n += 1) await refuse(newId());
    await refuse(newId(Date.now() - 3_600_000));
    expect(await kinds()).toEqual([]);
    await refuse(newId());
    expect(await kinds()).toEqual([
      'red phone_check_silent: Its check of phones does not answer: of the latest ones in the last 10 minutes 5 leads were refused.',
    ]);
    await putPhoneCheck(database, acme.id, { ...check, unanswered: 'send' });
    const lead = leadOf({ companyId: acme.id, dialerId: acme.dialer.id, campaignId: '77' });
    const checked = { result: 'unanswered', at: new Date().toISOString(), cached: false } as const;
    await begin(acme, [{ ...lead, phoneCheck: checked }]);
    expect((await kinds())[0]).toContain('amber phone_check_silent');
    expect((await kinds())[0]).toContain('5 leads were refused and 1 lead was sent without it.');
    expect(await kinds({ company: other.name })).toEqual([]);
  });

  test('is retention that stays behind while workers run', async () => {
    await database.$executeRaw`
      INSERT INTO retention (cutoff, steady_ms) SELECT now() - interval '200 days', elapsed_ms - ${3 * 86_400_000}::bigint FROM steady_clock`;
    expect((await kinds({})).filter((line) => line.includes('old_leads_kept'))).toHaveLength(1);
    expect(await kinds()).toEqual([]);
  });
});

describe('who reaches one company', () => {
  test('sees nothing of another, and is told that it does not exist', async () => {
    await createDialerHealth(redis).hold(dialerAddress(other.dialer), 600_000, 'they move house');
    await count({ company: other, leads: 100 });
    const own = { companyId: acme.id };
    const found = await show({}, own);
    expect(found.companyId).toBe(acme.id);
    expect(JSON.stringify(found)).not.toContain(other.id);
    expect(found.today.leads).toBe(0);
    const missing = { kind: 'not_found', message: `There is no company "${other.name}".` };
    await expect(show({ company: other.name }, own)).rejects.toMatchObject(missing);
  });
});

test('figures are there without Redis, and it says that it is missing', async () => {
  await count({ leads: 7 });
  const noRedis = () => Promise.reject(new Refusal('Redis cannot be reached.', { kind: 'unavailable' }));
  const found = await show({ company: acme.name }, {}, noRedis);
  expect(found.today.leads).toBe(7);
  expect(found).toMatchObject({ dialers: null, backlog: null });
  expect(found.attention).toMatchObject([{ severity: 'red', kind: 'redis_unavailable' }]);
});

function begin({ dialer }: TestCompany, jobs: readonly LeadJob[]) {
  return intend(
    database,
    ATTEMPT_TIMES,
    jobs.map((job) => ({
      ...{
        id: newId(),
        companyId: job.companyId,
        dialerId: dialer.id,
        campaignId: job.campaignId,
        sentTo: SENT_TO,
      },
      leads: [{ job, toCall: { phone: '5551234567' } }],
    })),
  );
}
