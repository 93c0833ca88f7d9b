import { systemClock } from '@live-feed/core/clock';
import { newId } from '@live-feed/core/ids';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '@live-feed/database/connection/client';
import { giveBackQueued } from '@live-feed/database/leads/draining';
import type { IntendedLead } from '@live-feed/database/leads/intend';
import { createIntents } from '@live-feed/database/leads/intents';
import type { LeadRow } from '@live-feed/database/leads/lead-rows';
import { abandon, settle, takeBack } from '@live-feed/database/leads/lead-transitions';
import { resolveParked } from '@live-feed/database/leads/parked-leads';
import { seededRandom } from '@live-feed/tools/seeded-random';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../../kit/services/database.ts';
import { ATTEMPT_TIMES, leadOf, MINUTE_MS, promiseOne, SENT_TO, settlementOf } from '../leads/leads.ts';

/** Caps, pools and uses against a real PostgreSQL. Which ANI is the best is proved in packages/core/src/caller-id/ani-choice.test.ts. */

const server = useDatabase();
let database: Database;

beforeAll(() => {
  database = connectDatabase(server.url, 8);
});
afterAll(() => database?.$disconnect());

interface Company {
  readonly companyId: string;
  readonly dialerId: string;
  readonly campaignId: string;
  /** The campaign's row. */
  readonly campaign: string;
}

interface Rules {
  readonly aniDailyCap?: number;
  readonly whenNoAni?: 'campaign_default' | 'reject';
  readonly timeZone?: string;
}

async function addCompany(rules: Rules = {}): Promise<Company> {
  const companyId = newId();
  const campaign = newId();
  const campaigns = { create: { id: campaign, campaignId: '77' } };
  await database.company.create({ data: { id: companyId, name: companyId, campaigns, ...rules } });
  return { companyId, dialerId: newId(), campaignId: '77', campaign };
}

let nextPhone = 0;

/** ANIs of Seattle that are nobody else's. @returns their phones */
async function addAnis({ companyId }: Company, count = 1, more: object = {}): Promise<string[]> {
  const phones = Array.from({ length: count }, () => String(2_062_000_000 + nextPhone++));
  await database.ani.createMany({
    data: phones.map((phone) => ({ id: newId(), companyId, phone, ...more })),
  });
  return phones;
}

async function limitTo({ campaign: campaignId }: Company, phones: readonly string[]): Promise<void> {
  const anis = await database.ani.findMany({ where: { phone: { in: [...phones] } } });
  await database.campaignAni.createMany({ data: anis.map(({ id: aniId }) => ({ campaignId, aniId })) });
}

/** Leads of Seattle. */
function leads(company: Company, count = 1): IntendedLead[] {
  return Array.from({ length: count }, () => ({ job: leadOf(company), toCall: { phone: '2065550100' } }));
}

async function begin(company: Company, leads: readonly IntendedLead[]): Promise<readonly LeadRow[]> {
  // As many workers as uploads: within one a company's uploads begin one after the other.
  const { rows } = await createIntents(database, ATTEMPT_TIMES, systemClock).begin({
    id: newId(),
    ...company,
    sentTo: SENT_TO,
    leads,
  });
  return rows;
}

async function beginOne(company: Company): Promise<{ job: LeadJob; row: LeadRow }> {
  const [lead] = leads(company);
  const [row] = await begin(company, lead === undefined ? [] : [lead]);
  if (lead === undefined || row === undefined) throw new Error('The lead was not begun.');
  return { job: lead.job, row };
}

const aniOf = (phone: string | null) => database.ani.findUniqueOrThrow({ where: { phone: phone ?? '' } });
const usedOf = async (phone: string | null) => (await aniOf(phone)).used;
const again = (company: Company, job: LeadJob) => begin(company, [{ job, toCall: { phone: '2065550100' } }]);
const release = (job: LeadJob, attempt = 1) =>
  settle(database, [settlementOf(job, 'release', { attempt, delayMs: 0 })]);
const make = (phone: string, data: object) => database.ani.update({ where: { phone }, data });

/** As if it were tomorrow: what was counted today was counted yesterday. */
async function dayPasses(company: Company): Promise<void> {
  const { companyId } = company;
  await database.$executeRaw`UPDATE anis SET used_on = used_on - 1 WHERE company_id = ${companyId}::uuid`;
  await database.$executeRaw`UPDATE leads SET ani_used_on = ani_used_on - 1 WHERE company_id = ${companyId}::uuid`;
}

/** Of ANIs whose count does not agree with the leads that hold a use of theirs, or is over the cap. */
function wrongCounts({ companyId }: Company): Promise<unknown[]> {
  return database.$queryRaw`
    SELECT phone, used, held FROM anis JOIN companies ON companies.id = company_id, LATERAL (
      SELECT count(*)::int AS held FROM leads WHERE company_id = anis.company_id AND caller_id = phone AND ani_used_on = used_on
        AND state IN ('QUEUED', 'SENDING', 'UNKNOWN', 'ACCEPTED', 'PARKED')
    ) AS holders
    WHERE company_id = ${companyId}::uuid AND (used <> held OR used > COALESCE(daily_cap, ani_daily_cap))`;
}

describe('an ANI is not assigned', () => {
  const tomorrow = new Date(Date.now() + 24 * 60 * MINUTE_MS);
  test.each([
    ['while it is paused', { status: 'PAUSED' }],
    ['while it cools down', { coolingUntil: tomorrow }],
    ['with a cap of its own of nothing', { dailyCap: 0 }],
    ['once it has reached its cap', { dailyCap: 3, used: 3, usedOn: new Date() }],
  ] as const)('%s', async (_when, state) => {
    // A day that begins with UTC's is the one that the case above says.
    const company = await addCompany({ timeZone: 'UTC' });
    await addAnis(company, 1, state);
    expect((await beginOne(company)).row).toMatchObject({ state: 'SENDING', callerId: null, aniTier: null });
    const [good] = await addAnis(company);
    expect((await beginOne(company)).row).toMatchObject({ callerId: good, aniTier: 'area_code' });
  });

  test('of another company', async () => {
    const [company, other] = [await addCompany(), await addCompany()];
    await addAnis(other);
    expect((await beginOne(company)).row.callerId).toBeNull();
  });

  test('outside the pool of the campaign, even where nothing in it is left', async () => {
    const company = await addCompany({ aniDailyCap: 1 });
    const [inside] = await addAnis(company);
    await addAnis(company, 5);
    await limitTo(company, [inside ?? '']);
    expect((await beginOne(company)).row.callerId).toBe(inside);
    expect((await beginOne(company)).row.callerId).toBeNull();
    const elsewhere = { ...company, campaignId: '78' };
    expect((await beginOne(elsewhere)).row.callerId).not.toBeNull();
  });

  test('once more than its own cap, whatever the company allows', async () => {
    const company = await addCompany({ aniDailyCap: 5 });
    const [phone] = await addAnis(company, 1, { dailyCap: 2 });
    const rows = await begin(company, leads(company, 4));
    expect(rows.filter(({ callerId }) => callerId === phone)).toHaveLength(2);
    expect(await usedOf(phone ?? '')).toBe(2);
  });
});

test('a cap begins anew with the day', async () => {
  const company = await addCompany({ aniDailyCap: 1 });
  const [phone] = await addAnis(company);
  expect((await beginOne(company)).row.callerId).toBe(phone);
  expect((await beginOne(company)).row.callerId).toBeNull();
  await dayPasses(company);
  expect((await beginOne(company)).row.callerId).toBe(phone);
  expect(await wrongCounts(company)).toEqual([]);
});

test('the day begins at midnight in the time zone of the company', async () => {
  // Between them it is another day at every moment.
  for (const timeZone of ['Pacific/Kiritimati', 'Etc/GMT+12']) {
    const company = await addCompany({ timeZone });
    const [phone] = await addAnis(company);
    await beginOne(company);
    const day = new Intl.DateTimeFormat('en-CA', { timeZone }).format(new Date());
    expect((await aniOf(phone ?? '')).usedOn?.toISOString().slice(0, 10)).toBe(day);
  }
  await expect(addCompany({ timeZone: 'Mars/Olympus' })).rejects.toThrow('time zone');
});

describe('a lead that no ANI is left for', () => {
  test('ends unsent if the company rejects it', async () => {
    const company = await addCompany({ whenNoAni: 'reject', aniDailyCap: 1 });
    await addAnis(company);
    const rows = await begin(company, leads(company, 2));
    expect(rows.map(({ state, reason }) => ({ state, reason }))).toEqual([
      { state: 'SENDING', reason: null },
      { state: 'ABANDONED', reason: 'NO_ANI_AVAILABLE' },
    ]);
    expect(await database.upload.findMany({ where: { dialerId: company.dialerId } })).toMatchObject([
      { size: 1 },
    ]);
  });

  test('and so does one that had one, which goes back', async () => {
    const company = await addCompany({ whenNoAni: 'reject' });
    const [phone] = await addAnis(company);
    const { job } = await beginOne(company);
    await release(job);
    await make(phone ?? '', { status: 'PAUSED' });
    expect(await again(company, job)).toMatchObject([{ state: 'ABANDONED', reason: 'NO_ANI_AVAILABLE' }]);
    expect(await usedOf(phone ?? '')).toBe(0);
  });
});

describe('a lead that is tried again', () => {
  test('keeps its ANI, and its use is counted once', async () => {
    const company = await addCompany({ aniDailyCap: 1 });
    const [phone] = await addAnis(company);
    const { job } = await beginOne(company);
    await release(job);
    await addAnis(company, 3);
    expect(await again(company, job)).toMatchObject([{ attempt: 2, callerId: phone, aniTier: 'area_code' }]);
    expect(await usedOf(phone ?? '')).toBe(1);
  });

  test('gets another for one that may not be used any more, which has its use back', async () => {
    const company = await addCompany();
    const [phone] = await addAnis(company);
    const { job } = await beginOne(company);
    await release(job);
    await make(phone ?? '', { coolingUntil: new Date(Date.now() + MINUTE_MS) });
    const [other] = await addAnis(company);
    expect(await again(company, job)).toMatchObject([{ attempt: 2, callerId: other }]);
    expect([await usedOf(phone ?? ''), await usedOf(other ?? '')]).toEqual([0, 1]);
  });

  test('on another day has its use on that day', async () => {
    const company = await addCompany({ aniDailyCap: 1 });
    const [phone] = await addAnis(company);
    const { job } = await beginOne(company);
    await release(job);
    await dayPasses(company);
    expect(await again(company, job)).toMatchObject([{ callerId: phone }]);
    expect(await wrongCounts(company)).toEqual([]);
    expect((await beginOne(company)).row.callerId).toBeNull();
  });
});

describe('a use', () => {
  const promised = { promised: true };
  const set = (job: LeadJob, data: object) => database.lead.update({ where: { id: job.leadId }, data });
  type End = (job: LeadJob, company: Company) => Promise<unknown>;
  const settled =
    (...[transition, more]: [Parameters<typeof settlementOf>[1], object?]): End =>
    (job) =>
      settle(database, [settlementOf(job, transition, more)]);
  const queuedThen =
    (data: object, end: End): End =>
    async (job, company) => {
      await release(job);
      await set(job, data);
      return end(job, company);
    };
  const late = { deadline: new Date(0) };

  const back: readonly (readonly [string, string, End])[] = [
    ['REJECTED', 'by the dialing system', settled('reject')],
    ['FAILED', 'blocked', settled('block')],
    ['FAILED', 'released too late', settled('release', { delayMs: MINUTE_MS })],
    ['FAILED', 'at its deadline', queuedThen({}, (job) => promiseOne(database, job))],
    ['FAILED', 'before it is sent again', queuedThen(late, (job, company) => again(company, job))],
    [
      'EXPIRED',
      'before it is sent again',
      queuedThen({ ...promised, expiresAt: new Date(0) }, (job, company) => again(company, job)),
    ],
    ['ABANDONED', 'by its ingress', queuedThen({}, (job) => abandon(database, job))],
    [
      'ABANDONED',
      'by its company',
      queuedThen(promised, (job, { companyId }) =>
        takeBack(database, { companyId, campaigns: undefined }, job.leadId),
      ),
    ],
  ];

  test.each(back)('goes back once, and once only: %s %s', async (state, _how, end) => {
    const company = await addCompany();
    const [phone] = await addAnis(company);
    await beginOne(company);
    const { job } = await beginOne(company);
    expect(await usedOf(phone ?? '')).toBe(2);
    await end(job, company);
    expect(await database.lead.findUnique({ where: { id: job.leadId } })).toMatchObject({ state });
    expect(await usedOf(phone ?? '')).toBe(1);
    await Promise.all([
      settled('reject')(job, company),
      promiseOne(database, job),
      abandon(database, job),
      again(company, job),
    ]);
    expect(await usedOf(phone ?? '')).toBe(1);
  });

  test.each([
    ['ACCEPTED', settled('accept')],
    ['UNKNOWN', settled('doubt')],
    ['PARKED', settled('park')],
    ['QUEUED', settled('release')],
  ] as const)('is kept: %s', async (state, end) => {
    const company = await addCompany();
    const [phone] = await addAnis(company);
    const { job } = await beginOne(company);
    await end(job, company);
    expect(await database.lead.findUnique({ where: { id: job.leadId } })).toMatchObject({ state });
    expect(await usedOf(phone ?? '')).toBe(1);
  });

  test.each(['REJECTED', 'FAILED', 'ACCEPTED'] as const)(
    'of a parked lead is accounted for when a person says that it is %s',
    async (state) => {
      const company = await addCompany();
      const [phone] = await addAnis(company);
      const { job } = await beginOne(company);
      await settle(database, [settlementOf(job, 'park')]);
      expect(await usedOf(phone ?? '')).toBe(1);
      const seen = { id: job.leadId, attempt: 1 };
      expect(await resolveParked(database, seen, { state, dialerResponse: null })).toMatchObject({ state });
      expect(await usedOf(phone ?? '')).toBe(state === 'ACCEPTED' ? 1 : 0);
      expect(await wrongCounts(company)).toEqual([]);
    },
  );

  test('of a lead that its dialer is drained of comes back', async () => {
    const company = await addCompany();
    const [phone] = await addAnis(company);
    const { job } = await beginOne(company);
    await promiseOne(database, job);
    await release(job);
    expect(await giveBackQueued(database, company.dialerId, 10)).toEqual([job.leadId]);
    expect(await usedOf(phone ?? '')).toBe(0);
  });

  test('of yesterday does not come back today', async () => {
    const company = await addCompany();
    const [phone] = await addAnis(company);
    const { job } = await beginOne(company);
    await dayPasses(company);
    await beginOne(company);
    await settled('reject')(job, company);
    expect(await usedOf(phone ?? '')).toBe(1);
  });
});

describe('a phone is called again with the number that it knows', () => {
  async function accepted(company: Company, finishedAt = new Date()): Promise<string | null> {
    const { job, row } = await beginOne(company);
    await settle(database, [settlementOf(job, 'accept')]);
    await database.lead.update({ where: { id: job.leadId }, data: { finishedAt } });
    await addAnis(company);
    return row.callerId;
  }

  test('for 30 days', async () => {
    const company = await addCompany();
    await addAnis(company);
    const known = await accepted(company);
    expect((await beginOne(company)).row).toMatchObject({
      callerId: known,
      aniTier: 'sticky',
      aniDistanceKm: 0,
    });
  });

  test('and not for longer', async () => {
    const company = await addCompany();
    await addAnis(company);
    const known = await accepted(company, new Date(Date.now() - 31 * 24 * 60 * MINUTE_MS));
    const { row } = await beginOne(company);
    expect(row.aniTier).toBe('area_code');
    expect(row.callerId).not.toBe(known);
  });
});

describe('of uploads that begin at once', () => {
  test('eight of 500 leads use 2,000 ANIs to their caps, and none beyond', async () => {
    const company = await addCompany({ aniDailyCap: 1 });
    await addAnis(company, 2_000);
    const uploads = Array.from({ length: 8 }, () => leads(company, 500));
    const rows = (await Promise.all(uploads.map((each) => begin(company, each)))).flat();
    expect(rows).toHaveLength(4_000);
    expect(new Set(rows.map(({ callerId }) => callerId).filter(Boolean)).size).toBe(2_000);
    expect(await wrongCounts(company)).toEqual([]);
  });

  test('with leads that end and are tried again in between, every use is accounted for', async () => {
    const company = await addCompany({ aniDailyCap: 6 });
    await addAnis(company, 40);
    const random = seededRandom(7);
    const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
    const lives = Array.from({ length: 12 }, async () => {
      const intended = leads(company, 30);
      await begin(company, intended);
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        const ends = intended.map(({ job }) =>
          settlementOf(job, pick(['accept', 'reject', 'release', 'doubt', 'block'] as const), {
            attempt,
            delayMs: 0,
          }),
        );
        await settle(database, ends);
        await Promise.all(intended.slice(0, 5).map(({ job }) => pick([promiseOne, abandon])(database, job)));
        await begin(company, intended);
      }
    });
    await Promise.all(lives);
    expect(await wrongCounts(company)).toEqual([]);
  });
});
