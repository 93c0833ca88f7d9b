import { newId } from '@live-feed/core/ids';
import { Prisma } from '@live-feed/database/generated/client';
import { describe, expect, test } from 'vitest';
import { type Answer, callIngress, misbehave, post } from '../../kit/http/client.ts';
import { leadIdOf, rowOf, submit } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../../kit/system/company-without-permits.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** The API's contract, section 8: a company sees what became of its leads, and nobody else's. */

let system: System;
let queues: Queues;

useSystem({ environment: { INGRESS_DEADLINE_MS: '3000' } }, (started) => {
  ({ system, queues } = started);
});

function look(path: string, { key }: Pick<Company, 'key'>): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}` };
  return callIngress(system.ingresses[0]?.url ?? '', path, { headers });
}

const statusOf = (leadId: string, company: Pick<Company, 'key'>) =>
  look(`/live-feed/leads/${leadId}`, company);

const NOT_FOUND = { status: 404, body: { success: false, code: 'LEAD_NOT_FOUND', retryable: false } };

describe('GET /live-feed/leads/{leadId}', () => {
  test.concurrent('an accepted lead: what its caller was told, its caller ID, and how it went', async () => {
    const company = await addCompany(system);
    const posted = await submit(system, company, 1);
    const leadId = leadIdOf(posted);
    const answer = await statusOf(leadId, company);
    const row = await rowOf(system, leadId);
    expect(answer.headers.get('x-lead-id')).toBe(leadId);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        leadId,
        state: 'ACCEPTED',
        outcome: 'DIALER_ACCEPTED',
        outcomeSource: 'answer',
        campaignId: company.campaignId,
        phoneLast2: '01',
        callerId: row?.callerId,
        callerIdTier: row?.aniTier,
        receivedAt: row?.receivedAt.toISOString(),
        finishedAt: row?.finishedAt?.toISOString(),
        dialerResponse: posted.body.dialerResponse,
        statusUrl: `/live-feed/leads/${leadId}`,
      },
    });
    const [received, queued, upload, finished, ...more] = answer.body.timeline;
    expect(more).toEqual([]);
    expect(received).toEqual({ event: 'received', at: answer.body.receivedAt });
    expect(queued.event).toBe('queued');
    expect(queued.at >= received.at).toBe(true);
    expect(upload).toMatchObject({ event: 'upload', size: 1, result: 'answered', httpStatus: 200 });
    expect(upload.latencyMs).toBeTypeOf('number');
    expect(finished).toEqual({ event: 'finished', at: answer.body.finishedAt });
    expect(JSON.stringify(answer.body)).not.toContain('5550000001');
  });

  test.concurrent('every upload that the lead was in is told, oldest first', async () => {
    const company = await addCompanyWithoutPermits(system, queues);
    const { campaignId } = company;
    const rule = {
      on: 'upload',
      match: { campaignId },
      times: 1,
      fault: { kind: 'status', status: 503, when: 'beforeStoring' },
    };
    await misbehave(system, { rules: [rule] });
    // Promised, so that it is tried again.
    const leadId = leadIdOf(await submit(system, company, 1));
    await givePermits(system, queues, company);
    const answer = await waitFor(async () => {
      const status = await statusOf(leadId, company);
      return status.body.state === 'ACCEPTED' ? status : undefined;
    });
    const uploads = answer.body.timeline.filter(({ event }: { event: string }) => event === 'upload');
    expect(uploads).toMatchObject([
      { result: 'unknown', httpStatus: 503 },
      { result: 'answered', httpStatus: 200 },
    ]);
  });

  test.concurrent('in the queue only it is not found; once its caller was told that it is kept, it is', async () => {
    const company = await addCompanyWithoutPermits(system, queues);
    const queue = await queues.of(company);
    const answer = submit(system, company, 7);
    const job = await waitFor(async () => (await queue.getJobs())[0]);
    expect(await statusOf(String(job.id), company)).toMatchObject(NOT_FOUND);
    const { status, body } = await answer;
    expect(status).toBe(504);
    const kept = await look(body.statusUrl, company);
    expect(kept).toMatchObject({
      status: 200,
      body: {
        state: 'QUEUED',
        outcome: null,
        outcomeSource: null,
        finishedAt: null,
        callerId: null,
        callerIdTier: null,
        dialerResponse: null,
      },
    });
    expect(kept.body.timeline.map(({ event }: { event: string }) => event)).toEqual(['received', 'queued']);
  });

  test.concurrent.each([
    ['2065550143', null, 'us'],
    ['4165550143', 'canada', 'canada'],
    ['8765550143', 'other_country', 'other_country'],
    ['8005550143', 'toll_free', 'toll_free'],
    ['9005550143', 'premium_rate', 'premium_rate'],
    ['5551234567', 'unassigned', 'unassigned'],
  ])(
    'a number that is not of the United States is told apart: %s',
    async (leadPhone, header, phoneRegion) => {
      const company = await addCompany(system);
      // Whatever address comes with it.
      const lead = { leadPhone, state: 'WA', zip: '98101' };
      const posted = await post(system, { campaignId: company.campaignId, lead }, { key: company.key });
      expect([posted.status, posted.headers.get('x-phone-region')]).toEqual([200, header]);
      expect((await statusOf(leadIdOf(posted), company)).body).toMatchObject({ phoneRegion });
    },
  );

  test.concurrent('for a key only its own company’s leads exist', async () => {
    const [company, other] = [await addCompany(system), await addCompany(system)];
    const leadId = leadIdOf(await submit(system, company, 1));
    expect((await statusOf(leadId, company)).status).toBe(200);
    expect(await statusOf(leadId, other)).toMatchObject(NOT_FOUND);
    expect(await statusOf(newId(), company)).toMatchObject(NOT_FOUND);
    expect(await statusOf('no-id', company)).toMatchObject(NOT_FOUND);
    expect((await statusOf(leadId, { key: 'none' })).status).toBe(401);
  });
});

describe('GET /live-feed/leads', () => {
  const listed = ({ body }: Answer): string[] => body.leads.map(({ leadId }: { leadId: string }) => leadId);

  test.concurrent('the company’s own, newest first, page by page', async () => {
    const [company, other] = [await addCompany(system), await addCompany(system)];
    const posted = leadIdOf(await submit(system, company, 1));
    await submit(system, other, 2);
    const row = await system.database.lead.findUniqueOrThrow({ where: { id: posted } });
    const older = Array.from({ length: 120 }, (_, n) => newId(Date.now() - 60_000 + n));
    await system.database.lead.createMany({
      data: older.map((id) => ({ ...row, phoneCheck: Prisma.DbNull, id })),
    });

    const first = await look('/live-feed/leads', company);
    expect(first.status).toBe(200);
    const second = await look(`/live-feed/leads?cursor=${first.body.nextCursor}`, company);
    const third = await look(`/live-feed/leads?cursor=${second.body.nextCursor}`, company);
    const pages = [first, second, third].map(listed);
    expect(pages.flat()).toEqual([posted, ...older.toReversed()]);
    expect(pages.map(({ length }) => length)).toEqual([50, 50, 21]);
    expect(third.body.nextCursor).toBeNull();
    expect(first.body.leads[0]).toMatchObject({ state: 'ACCEPTED', phoneLast2: '01' });
    expect(JSON.stringify(first.body)).not.toContain('5550000001');
  });

  test.concurrent('found by phone, however it is written, by campaign and by state', async () => {
    const company = await addCompany(system);
    const posted = leadIdOf(await submit(system, company, 1));
    await submit(system, company, 2);
    const found = async (query: string) => listed(await look(`/live-feed/leads?${query}`, company));
    expect(await found('phone=5550000001')).toEqual([posted]);
    expect(await found(`phone=${encodeURIComponent('+1 (555) 000-0001')}`)).toEqual([posted]);
    expect(await found('phone=5550000003')).toEqual([]);
    expect(await found(`campaignId=${company.campaignId}`)).toHaveLength(2);
    expect(await found('campaignId=none')).toEqual([]);
    expect(await found(`state=ACCEPTED&phone=5550000001&campaignId=${company.campaignId}`)).toEqual([posted]);
    expect(await found('state=PARKED')).toEqual([]);
    expect(await found('state=accepted')).toHaveLength(2);
    expect(await found('limit=1')).toHaveLength(1);
    expect(await found('limit=100')).toHaveLength(2);
  });

  test.concurrent.each([
    ['phone=123', 'PHONE_INVALID', 'phone'],
    ['state=GONE', 'VALIDATION_FAILED', 'state'],
    ['cursor=abc', 'VALIDATION_FAILED', 'cursor'],
    ['campaignId=', 'VALIDATION_FAILED', 'campaignId'],
    // Which PostgreSQL would refuse, and be taken for a database that is away.
    ['campaignId=a%00b', 'VALIDATION_FAILED', 'campaignId'],
    ['from=2026-11-29', 'VALIDATION_FAILED', 'from'],
    ['campaign=1', 'VALIDATION_FAILED', 'campaign'],
    ['constructor=1', 'VALIDATION_FAILED', 'constructor'],
    ['limit=0', 'VALIDATION_FAILED', 'limit'],
    ['limit=101', 'VALIDATION_FAILED', 'limit'],
    ['limit=5.0', 'VALIDATION_FAILED', 'limit'],
    ['limit=', 'VALIDATION_FAILED', 'limit'],
    ['state=ACCEPTED&state=PARKED', 'VALIDATION_FAILED', 'state'],
  ])('%s: 400 %s', async (query, code, path) => {
    const answer = await look(`/live-feed/leads?${query}`, { key: system.seeded.keys.ringcx });
    expect(answer).toMatchObject({ status: 400, body: { code, issues: [{ path }] } });
  });

  test.concurrent('unknown parameters are named beside wrong values', async () => {
    const { body } = await look('/live-feed/leads?vendor=x&state=done', { key: system.seeded.keys.ringcx });
    expect(body.issues.map(({ path }: { path: string }) => path)).toEqual(['state', 'vendor']);
  });

  test.concurrent('the parameters that there are are named', async () => {
    const { body } = await look('/live-feed/leads?from=2026-11-29', { key: system.seeded.keys.ringcx });
    expect(body.message).toBe(
      'The request is not valid: from: There is no such parameter; the parameters are: phone, campaignId, source, state, limit, cursor.',
    );
    const one = await look(`/live-feed/leads/${newId()}?expand=uploads`, { key: system.seeded.keys.ringcx });
    expect(one).toMatchObject({ status: 400, body: { issues: [{ path: 'expand' }] } });
  });

  test.concurrent('pages of the caller’s own length follow one another', async () => {
    const company = await addCompany(system);
    for (const n of [1, 2, 3]) await submit(system, company, n);
    const first = await look('/live-feed/leads?limit=2', company);
    const second = await look(`/live-feed/leads?limit=2&cursor=${first.body.nextCursor}`, company);
    expect([listed(first).length, listed(second).length, second.body.nextCursor]).toEqual([2, 1, null]);
  });

  test.concurrent('needs a key', async () => {
    expect((await look('/live-feed/leads', { key: 'none' })).status).toBe(401);
  });
});
