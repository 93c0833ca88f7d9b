import { createPhoneDigest } from '@live-feed/core/lead/phone-digest';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { misbehave, post, simulator } from '../kit/http/client.ts';
import { scrape } from '../kit/http/scrape.ts';
import { untilAdmitted } from '../kit/leads/lead-effects.ts';
import { leadJobOf } from '../kit/leads/lead-job.ts';
import { type Admin, adminOf } from '../kit/processes/admin.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { addCompany, type Company } from '../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../kit/system/company-without-permits.ts';
import { openQueues, type Queues } from '../kit/system/queues.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';

const server = useDatabase();
const redis = useRedis();
let system: System;
let queues: Queues;
const admin: Admin = (argv, input) => adminOf(() => system.environment)(argv, input);

beforeAll(async () => {
  // Time for commands while a caller waits.
  const environment = { INGRESS_DEADLINE_MS: '20000' };
  system = await startSystem({ databaseUrl: server.url, redisUrl: redis.url, environment });
  queues = await openQueues(system);
});
afterAll(async () => {
  await queues?.close();
  await system?.stop();
});
beforeEach(() => misbehave(system, {}));

const PHONE = '5551234567';
const NAME = 'Jane';
const refusingTheToken = { rules: [{ on: 'upload', fault: { kind: 'status', status: 401 } }] };

function submit(company: Company, headers: Record<string, string> = {}, phone = PHONE) {
  const body = { campaignId: company.campaignId, lead: { leadPhone: phone, firstName: NAME } };
  return untilAdmitted(() => post(system, body, { key: company.key, headers }));
}

/** @returns the id of a lead that its caller was promised */
async function promised(company: Company, phone = PHONE): Promise<string> {
  const { body } = await submit(company, { prefer: 'respond-async' }, phone);
  return body.leadId;
}

const rowOf = (id: string) => system.database.lead.findUnique({ where: { id } });
const becomes = (id: string, state: string) =>
  waitFor(async () => (await rowOf(id))?.state === state, { what: state });

async function heldThere(company: Company): Promise<number> {
  const { leads } = await simulator(system, `/leads?limit=1000`);
  return leads.filter((lead: { campaignId: string }) => lead.campaignId === company.campaignId).length;
}

/** A lead that waits for a person, as a worker leaves it. */
async function parked(company: Company, reason: string): Promise<string> {
  const job = leadJobOf(system, company, PHONE, -3_600_000);
  const phoneDigest = createPhoneDigest(system.environment['PHONE_DIGEST_SECRET'] ?? '')(company.id, PHONE);
  const { leadId: id, companyId, dialerId, campaignId, payload, phoneLast2, receivedAtMs } = job;
  await system.database.lead.create({
    data: {
      ...{ id, companyId, dialerId, campaignId, payload, phoneDigest, phoneLast2, reason },
      ...{ state: 'PARKED', promised: true, attempt: 1 },
      receivedAt: new Date(receivedAtMs),
      deadline: new Date(job.deadlineMs),
      sendBy: new Date(job.deadlineMs),
      dueAt: new Date(job.deadlineMs),
      // Over its maximum age: nobody was there at the weekend.
      expiresAt: new Date(job.deadlineMs),
      finishedAt: new Date(job.deadlineMs),
    },
  });
  return id;
}

describe('lead show and list', () => {
  test('tell what became of a lead, by id and by phone, and show nobody’s data', async () => {
    const company = await addCompany(system);
    await misbehave(system, {
      rules: [
        {
          on: 'upload',
          fault: {
            kind: 'status',
            status: 422,
            body: { errorCode: 'lead.bad', generalMessage: `${NAME} at 555-123-4567 is poison` },
          },
        },
      ],
    });
    const answer = await submit(company);
    expect(answer.status).toBe(502);
    const shown = await admin(['lead', 'show', answer.body.leadId, '--json']);
    expect(shown.data).toMatchObject({
      ...{ id: answer.body.leadId, state: 'REJECTED', reason: 'DIALER_REJECTED', phone: '********67' },
      uploads: [{ size: 1, result: 'refused', httpStatus: 422 }],
      dialerAnswer: { generalMessage: expect.stringContaining('is poison') },
    });
    const byPhone = await admin(['lead', 'show', '(555) 123-4567', '--company', company.id]);
    const listed = await admin([
      'lead',
      'list',
      '--company',
      company.id,
      '--phone',
      PHONE,
      '--state',
      'REJECTED',
    ]);
    for (const { out } of [shown, byPhone, listed]) {
      expect(out).toContain(answer.body.leadId);
      expect(out).not.toMatch(/555.?123.?4567/);
    }
  });

  test('a list goes on where it ended, over all companies or one', async () => {
    const company = await addCompany(system);
    const ids = [await promised(company), await promised(company, '5551234568')];
    const newest = await admin(['lead', 'list', '--company', company.id, '--limit', '1', '--json']);
    expect(newest.data.map(({ id }: { id: string }) => id)).toEqual([ids[1]]);
    const older = await admin(['lead', 'list', '--before', String(ids[1]), '--limit', '1', '--json']);
    expect(older.data.map(({ id }: { id: string }) => id)).toEqual([ids[0]]);
  });

  test('of several leads of a phone, they ask which', async () => {
    const company = await addCompany(system);
    await submit(company);
    await submit(company);
    const { code, err } = await admin(['lead', 'show', PHONE, '--company', company.id]);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/has 2 leads with this phone; name one by its id:\n( {2}\S+ {2}ACCEPTED\n){2}/),
    ]);
  });
});

test('lead figures count what became of the leads of each vendor', async () => {
  const company = await addCompany(system);
  const vendor = await admin(['key', 'issue', company.id, '--label', 'Vendor A', '--json']);
  const ofVendor = { ...company, key: vendor.data.key };
  await submit(ofVendor);
  await submit(ofVendor, {}, '5551234568');
  await misbehave(system, {
    rules: [{ on: 'upload', fault: { kind: 'reject', message: 'no', row: 'full' } }],
  });
  await submit(company, {}, '5551234569');
  const figures = await admin(['lead', 'figures', '--company', company.id, '--json']);
  expect(figures.data.figures).toMatchObject([
    { key: '', leads: 1, byState: { ACCEPTED: 0, REJECTED: 1 }, acceptance: 0 },
    { key: 'Vendor A', leads: 2, byState: { ACCEPTED: 2, REJECTED: 0 }, acceptance: 1 },
  ]);
  expect(figures.data.all).toMatchObject({ leads: 3, p99Ms: expect.any(Number) });
  const byReason = await admin(['lead', 'figures', '--company', company.id, '--by', 'reason']);
  expect(byReason.out).toMatch(/\nDIALER_REJECTED +1 /);
  const byCompany = await admin(['lead', 'figures', '--by', 'company', '--source', 'Vendor A']);
  expect(byCompany.out).toMatch(/\n\S.* 2 +2 +0 +0 /);
  await waitFor(async () => (await system.database.leadChange.count()) === 0, { what: 'workers add it up' });
  expect((await admin(['lead', 'figures', '--company', company.id, '--json'])).data).toEqual(figures.data);
  const wrong = await admin(['lead', 'figures', '--since', '1h', '--until', '2h']);
  expect([wrong.code, wrong.err]).toEqual([
    2,
    expect.stringContaining('--until must be shorter than --since'),
  ]);
});

describe('lead cancel', () => {
  test('gives a promised lead back: callers that still wait get 503, and it is not sent', async () => {
    const company = await addCompanyWithoutPermits(system, queues);
    const waiting = submit(company, { 'idempotency-key': 'cancelled' });
    await waitFor(async () => (await system.database.lead.count({ where: { companyId: company.id } })) === 1);
    expect(await admin(['lead', 'cancel', PHONE, '--company', company.id])).toMatchObject({
      code: 0,
      err: '',
    });
    expect(await waiting).toMatchObject({ status: 503, body: { code: 'GIVEN_BACK' } });
    await givePermits(system, queues, company);
    const later = await promised(company, '5551234568');
    await becomes(later, 'ACCEPTED');
    expect(await heldThere(company)).toBe(1);
  });

  test('leaves alone what has been sent or waits for a person, and says so', async () => {
    const company = await addCompany(system);
    const { headers } = await submit(company);
    const sent = await admin(['lead', 'cancel', headers.get('x-lead-id') ?? '']);
    expect([sent.code, sent.err]).toEqual([1, 'The lead cannot be given back: it has ended as ACCEPTED.\n']);
    const id = await parked(company, 'OUTCOME_UNVERIFIABLE');
    expect((await admin(['lead', 'cancel', id])).err).toContain(
      'Record what became of it: `admin lead resolve --help`',
    );
    expect((await rowOf(id))?.state).toBe('PARKED');
  });
});

async function foundWithoutJob(): Promise<number | undefined> {
  return (await scrape(system.workers[0]?.metricsUrl ?? '')).get('live_feed_leads_restored_total');
}

describe('lead retry', () => {
  test('after its token was renewed, all of a company’s parked leads are delivered, and only those', async () => {
    const company = await addCompany(system);
    await misbehave(system, refusingTheToken);
    const ids = [await promised(company), await promised(company, '5551234568')];
    for (const id of ids) await becomes(id, 'PARKED');
    const other = await parked(company, 'OUTCOME_UNVERIFIABLE');
    await misbehave(system, {});
    const before = await foundWithoutJob();
    const argv = ['lead', 'retry', '--all', '--company', company.id, '--reason', 'DIALER_TOKEN_REFUSED'];
    expect((await admin([...argv, '--json'])).data).toMatchObject({ sentAgain: 2, askedAbout: 0 });
    for (const id of ids) await becomes(id, 'ACCEPTED');
    expect((await rowOf(other))?.state).toBe('PARKED');
    expect(await heldThere(company)).toBe(2);
    // The reconciler would have counted them as lost.
    expect(await foundWithoutJob()).toBe(before);
  });

  test('one that the dialing system has is not sent again', async () => {
    const company = await addCompany(system);
    const { headers } = await submit(company);
    const id = headers.get('x-lead-id') ?? '';
    const data = { state: 'PARKED', reason: 'OUTCOME_UNVERIFIABLE', promised: true } as const;
    await system.database.lead.update({ where: { id }, data });
    expect((await admin(['lead', 'retry', id, '--json'])).data).toEqual({ id, state: 'UNKNOWN' });
    await becomes(id, 'ACCEPTED');
    expect((await rowOf(id))?.outcomeSource).toBe('read-back');
    expect(await heldThere(company)).toBe(1);
  });

  test('one that the dialing system does not have is sent, though it is over its maximum age', async () => {
    const company = await addCompany(system);
    const id = await parked(company, 'OUTCOME_UNVERIFIABLE');
    await admin(['lead', 'retry', PHONE, '--company', company.id]);
    await becomes(id, 'ACCEPTED');
    expect(await heldThere(company)).toBe(1);
  });

  test('is for parked leads only', async () => {
    const company = await addCompany(system);
    const { headers } = await submit(company);
    const { code, err } = await admin(['lead', 'retry', headers.get('x-lead-id') ?? '']);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        /^Only a parked lead needs a person; this one is ACCEPTED. See: `admin lead show [0-9a-f-]+`\n$/,
      ),
    ]);
  });
});

describe('lead resolve', () => {
  test('a repeated request gets what a person found out', async () => {
    const company = await addCompany(system);
    await misbehave(system, refusingTheToken);
    const key = { 'idempotency-key': 'resolved' };
    const first = await submit(company, key);
    expect(first).toMatchObject({ status: 504, body: { code: 'OUTCOME_PENDING' } });
    const { leadId } = first.body;
    await becomes(leadId, 'PARKED');
    expect(await admin(['lead', 'resolve', leadId, '--as', 'accepted'])).toMatchObject({ code: 0, err: '' });
    const again = await submit(company, key);
    expect(again).toMatchObject({ status: 200, body: { dialerResponse: { leadsAccepted: 1 } } });
    expect(again.headers.get('x-outcome-source')).toBe('person');
  });

  test.each([
    ['rejected', 'DIALER_REJECTED'],
    ['failed', 'DIALER_FAILED'],
  ])('as %s, once', async (as, code) => {
    const company = await addCompany(system);
    const id = await parked(company, 'OUTCOME_UNVERIFIABLE');
    const argv = ['lead', 'resolve', PHONE, '--company', company.id, '--as', as];
    expect((await admin(argv)).out).toBe(`Recorded the lead ${id} as ${as.toUpperCase()}.\n`);
    expect(await rowOf(id)).toMatchObject({ state: as.toUpperCase(), reason: code, outcomeSource: 'person' });
    expect(await admin(['lead', 'resolve', id, '--as', 'accepted'])).toMatchObject({ code: 1 });
  });
});
