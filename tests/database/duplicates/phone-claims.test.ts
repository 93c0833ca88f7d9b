import { newId } from '@live-feed/core/ids';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '@live-feed/database/connection/client';
import { claimKeyAndPhone } from '@live-feed/database/duplicates/keyed-claims';
import {
  claimPhone,
  findEarlierLead,
  forgetClaims,
  handOnPhone,
  type PhoneClaim,
  releasePhone,
} from '@live-feed/database/duplicates/phone-claims';
import { intend } from '@live-feed/database/leads/intend';
import { abandon, settle } from '@live-feed/database/leads/lead-transitions';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../../kit/services/database.ts';
import { waitFor } from '../../kit/wait-for.ts';
import { ATTEMPT_TIMES, leadOf, promiseOne, SENT_TO, settlementOf } from '../leads/leads.ts';

/** Of any number of leads of one phone one goes through, and a lead that was not taken keeps no other from it. */

const server = useDatabase();
let database: Database;

beforeAll(() => {
  database = connectDatabase(server.url, 12);
});
afterAll(() => database?.$disconnect());

const HOUR_MS = 3_600_000;

interface Destination {
  readonly companyId: string;
  readonly dialerId: string;
  readonly campaignId: string;
}

async function addCompany(): Promise<Destination> {
  const companyId = newId();
  await database.company.create({ data: { id: companyId, name: companyId } });
  return { companyId, dialerId: newId(), campaignId: '77' };
}

const DIGEST = 'd'.repeat(64);

const lead = (to: Destination, more: Partial<LeadJob> = {}): LeadJob => ({
  ...leadOf(to, {}, DIGEST),
  joinKey: 'e'.repeat(64),
  ...more,
});

const claimOf = (job: LeadJob, rule: Partial<PhoneClaim['rule']> = {}): PhoneClaim => ({
  rule: { windowMs: HOUR_MS, scope: 'company', ...rule },
  lead: job,
});

const claim = (job: LeadJob, rule: Partial<PhoneClaim['rule']> = {}) =>
  claimPhone(database, claimOf(job, rule));

async function begin(job: LeadJob): Promise<void> {
  const upload = {
    id: newId(),
    companyId: job.companyId,
    dialerId: job.dialerId,
    campaignId: job.campaignId,
  };
  await intend(database, ATTEMPT_TIMES, [
    { ...upload, sentTo: SENT_TO, leads: [{ job, toCall: { phone: '2065550100' } }] },
  ]);
}

/** As if all of the company's claims were older. */
const age = ({ companyId }: Destination, byMs: number) =>
  database.$executeRaw`
    UPDATE phone_claims SET claimed_at = claimed_at - ${byMs}::float8 * interval '1 millisecond',
      deadline = deadline - ${byMs}::float8 * interval '1 millisecond', until = until - ${byMs}::float8 * interval '1 millisecond'
    WHERE company_id = ${companyId}::uuid`;

test('of a hundred leads at once one has the phone, and the others are told of it', async () => {
  const company = await addCompany();
  const jobs = Array.from({ length: 100 }, () => lead(company));
  const claimed = await Promise.all(jobs.map((job) => claim(job)));
  const [winner, ...more] = jobs.filter((_, n) => claimed[n]?.kind === 'ours');
  expect(more).toEqual([]);
  const others = claimed.filter(({ kind }) => kind === 'duplicate');
  expect(others).toEqual(
    others.map(() => ({
      ...{ kind: 'duplicate', leadId: winner?.leadId, campaignId: null, joinKey: 'e'.repeat(64), row: null },
    })),
  );
  expect(await claim(winner ?? lead(company))).toEqual({ kind: 'ours' });
});

test('of a hundred at once that follow a lead which was not taken, one has it', async () => {
  const company = await addCompany();
  const first = lead(company);
  await claim(first);
  await abandon(database, first);
  const claimed = await Promise.all(Array.from({ length: 100 }, () => claim(lead(company))));
  expect(claimed.filter(({ kind }) => kind === 'ours')).toHaveLength(1);
});

describe('the phone is', () => {
  type Ending = [ending: string, free: boolean, end: (job: LeadJob) => Promise<unknown>];
  const ENDS: readonly Ending[] = [
    ['only in the queue', false, async () => {}],
    ['promised', false, (job) => promiseOne(database, job)],
    ['being sent', false, begin],
    ...(
      [
        ['accept', false],
        ['reject', true],
        ['doubt', false],
        ['park', false],
        ['block', true],
      ] as const
    ).map(([transition, free]): Ending => {
      const end = async (job: LeadJob) => {
        await begin(job);
        await settle(database, [settlementOf(job, transition)]);
      };
      return [transition, free, end];
    }),
    ['given back', true, (job) => abandon(database, job)],
    [
      'over its maximum age',
      true,
      (job) =>
        promiseOne(database, job).then(() =>
          database.lead.update({ where: { id: job.leadId }, data: { state: 'EXPIRED' } }),
        ),
    ],
  ];

  test.each(ENDS)('after a lead that is %s: free %s', async (_ending, free, end) => {
    const company = await addCompany();
    const [first, second] = [lead(company), lead(company)];
    await claim(first);
    await end(first);
    const state = (await database.lead.findUnique({ where: { id: first.leadId } }))?.state ?? null;
    // A look changes nothing, and says the same.
    const looked = await findEarlierLead(database, claimOf(second));
    expect(looked === null).toBe(free);
    const claimed = await claim(second);
    expect(claimed.kind).toBe(free ? 'ours' : 'duplicate');
    if (claimed.kind !== 'duplicate') return;
    expect([claimed.leadId, claimed.row?.state ?? null]).toEqual([first.leadId, state]);
    const { kind: _kind, ...earlier } = claimed;
    expect(looked).toMatchObject({ leadId: earlier.leadId });
  });

  test('free for another company, and for another campaign where each campaign counts alone', async () => {
    const [company, other] = [await addCompany(), await addCompany()];
    const elsewhere = { ...company, campaignId: '78' };
    await claim(lead(company));
    expect((await claim(lead(other))).kind).toBe('ours');
    expect((await claim(lead(elsewhere))).kind).toBe('duplicate');
    await claim(lead(company), { scope: 'campaign' });
    expect((await claim(lead(elsewhere), { scope: 'campaign' })).kind).toBe('ours');
    // Without a row, too, it is known to be of this campaign.
    expect(await claim(lead(company), { scope: 'campaign' })).toMatchObject({
      ...{ kind: 'duplicate', campaignId: company.campaignId, row: null },
    });
  });

  test('free after the window of the lead that comes, whatever it was when the other came', async () => {
    const company = await addCompany();
    const first = lead(company);
    await claim(first);
    await begin(first);
    await settle(database, [settlementOf(first, 'accept')]);
    await age(company, HOUR_MS - 60_000);
    expect((await claim(lead(company))).kind).toBe('duplicate');
    await age(company, 120_000);
    expect((await claim(lead(company), { windowMs: 2 * HOUR_MS })).kind).toBe('duplicate');
    expect((await claim(lead(company))).kind).toBe('ours');
  });

  test('free once its lead can get no row any more, and not before', async () => {
    const company = await addCompany();
    await claim(lead(company, { deadlineMs: Date.now() - 30_000 }));
    expect((await claim(lead(company))).kind).toBe('duplicate');
    await age(company, 45_000);
    expect((await claim(lead(company))).kind).toBe('ours');
  });

  test('kept for as long as any rule of the company looks at it, also a longer one than its own', async () => {
    const company = await addCompany();
    const elsewhere = await addCompany();
    const long = { windowMs: 24 * HOUR_MS, action: 'refuse', scope: 'company' };
    await database.company.update({ where: { id: company.companyId }, data: { duplicates: long } });
    await database.campaign.create({
      data: { id: newId(), companyId: elsewhere.companyId, campaignId: '88', duplicates: long },
    });
    for (const to of [company, elsewhere]) {
      const [first, second] = [lead(to), lead(to)];
      await claim(first);
      await claim(second, { scope: 'campaign' });
      for (const job of [first, second]) await promiseOne(database, job);
      await age(to, 2 * HOUR_MS);
    }
    // Those of the campaign are compared by no rule any more.
    expect(await forgetClaims(database, 100)).toBe(2);
    const later = { windowMs: 24 * HOUR_MS };
    for (const to of [company, elsewhere]) expect((await claim(lead(to), later)).kind).toBe('duplicate');
    for (const to of [company, elsewhere]) await age(to, 23 * HOUR_MS);
    expect(await forgetClaims(database, 100)).toBe(2);
  });

  test('not freed by a clock that is set forward, neither the database’s nor the process’s', async () => {
    const company = await addCompany();
    await claim(lead(company));
    const later = { now: () => Date.now() + 48 * HOUR_MS };
    const earlier = { now: () => Date.now() - 48 * HOUR_MS };
    expect((await claimPhone(database, claimOf(lead(company)), later)).kind).toBe('duplicate');
    expect(await forgetClaims(database, 100, later)).toBe(0);
    await age(company, 2 * HOUR_MS);
    expect((await claimPhone(database, claimOf(lead(company)), earlier)).kind).toBe('duplicate');
    expect(await forgetClaims(database, 100, earlier)).toBe(0);
    expect(await forgetClaims(database, 100)).toBe(1);
  });
});

test('a claim is given up and handed on by its own lead only', async () => {
  const company = await addCompany();
  const [first, second] = [lead(company), lead(company)];
  await claim(first);
  await releasePhone(database, claimOf(second));
  await handOnPhone(database, claimOf(second), newId());
  expect(await claim(second)).toMatchObject({ kind: 'duplicate', leadId: first.leadId });
  const third = lead(company);
  await handOnPhone(database, claimOf(first), third.leadId);
  expect(await claim(second)).toMatchObject({ kind: 'duplicate', leadId: third.leadId });
  await releasePhone(database, claimOf(third));
  expect(await claim(second)).toEqual({ kind: 'ours' });
});

describe('a key and a phone are taken together, or neither', () => {
  const keyedOf = ({ companyId }: Destination, key: string) => ({
    companyId,
    keyDigest: key.padStart(64, '0'),
    requestDigest: 'f'.repeat(64),
    former: { keyDigest: '', requestDigest: '' },
  });
  const take = (job: LeadJob, key: string) =>
    claimKeyAndPhone(database, keyedOf(job, key), job, false, claimOf(job));
  const counts = async ({ companyId }: Destination) => [
    await database.idempotencyKey.count({ where: { companyId } }),
    await database.phoneClaim.count({ where: { companyId } }),
    await database.lead.count({ where: { companyId } }),
  ];

  test('a duplicate leaves its key free and no row; a repetition finds its key before its own claim', async () => {
    const company = await addCompany();
    const [first, second] = [lead(company), lead(company)];
    expect(await take(first, '1')).toEqual({ kind: 'ours' });
    expect(await take(second, '2')).toMatchObject({
      kind: 'duplicate',
      leadId: first.leadId,
      row: { state: 'QUEUED' },
    });
    expect(await counts(company)).toEqual([1, 1, 1]);
    expect(await take(second, '1')).toMatchObject({
      kind: 'taken',
      sameRequest: true,
      row: { id: first.leadId },
    });
    expect(await take(first, '1')).toEqual({ kind: 'ours' });
    expect(await counts(company)).toEqual([1, 1, 1]);
    await abandon(database, first, 'own');
    expect(await take(second, '2')).toEqual({ kind: 'ours' });
  });

  test('of many at once, with equal and with different keys, one lead is promised', async () => {
    const company = await addCompany();
    const taken = await Promise.all(Array.from({ length: 24 }, (_, n) => take(lead(company), String(n % 4))));
    expect(taken.filter(({ kind }) => kind === 'ours')).toHaveLength(1);
    // Those of its own key repeat it, and the others are duplicates of it.
    expect(taken.filter(({ kind }) => kind === 'taken')).toHaveLength(5);
    expect(await counts(company)).toEqual([1, 1, 1]);
  });
});

test('a claim is waited for that another transaction is about to commit', async () => {
  const company = await addCompany();
  const [first, second] = [lead(company), lead(company)];
  const other = new Client({ connectionString: server.url });
  await other.connect();
  try {
    await other.query('BEGIN');
    await other.query(
      `INSERT INTO phone_claims (company_id, scope, phone_digest, lead_id, claimed_at, deadline, until)
       VALUES ($1, '', $2, $3, now(), now() + interval '20 seconds', now() + interval '1 hour')`,
      [company.companyId, DIGEST, first.leadId],
    );
    const claimed = claim(second);
    // Not on the connection above: within a transaction it would see the same every time.
    await waitFor(async () => {
      const waiting = await database.$queryRaw<unknown[]>`
        SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%phone_claims%' AND datname = current_database()`;
      return waiting.length;
    });
    await other.query('COMMIT');
    expect(await claimed).toMatchObject({ kind: 'duplicate', leadId: first.leadId });
  } finally {
    await other.end();
  }
});
