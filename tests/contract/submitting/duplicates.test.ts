import { randomUUID } from 'node:crypto';
import type { CampaignRule, DuplicateRule } from '@live-feed/core/directory/duplicate-rule';
import { newId } from '@live-feed/core/ids';
import { setCampaignDuplicates } from '@live-feed/database/directory/campaigns';
import { setDuplicates } from '@live-feed/database/directory/companies';
import { describe, expect, test } from 'vitest';
import { type Answer, callIngress, leadNumber, misbehave, post } from '../../kit/http/client.ts';
import { leadIdOf, storedLeadIds, untilAdmitted, untilState } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** Where a company has duplicates looked for: of the leads of one phone one goes through, and the others are refused or get its answer. */

let system: System;
let queues: Queues;
useSystem({ ingresses: 2 }, (started) => {
  ({ system, queues } = started);
});

const rule = (action: DuplicateRule['action'], more: Partial<DuplicateRule> = {}): DuplicateRule => ({
  windowMs: 86_400_000,
  action,
  scope: 'company',
  ...more,
});

async function companyWith(
  company: DuplicateRule | null,
  campaign: CampaignRule = null,
  options: Parameters<typeof addCompany>[1] = {},
): Promise<Company> {
  const added = await addCompany(system, options);
  await setDuplicates(system.database, added.id, company);
  await setCampaignDuplicates(system.database, added.id, added.campaignId, campaign);
  return added;
}

/** Leads of one phone that are not equal. */
const variant = ({ campaignId }: Pick<Company, 'campaignId'>, n: number, phone = 1) => ({
  campaignId,
  lead: { ...leadNumber(phone).lead, firstName: `Variant ${n}` },
});

const send = (
  company: Company,
  body: unknown,
  { headers = {}, ingress = 0 }: { headers?: Record<string, string>; ingress?: number } = {},
): Promise<Answer> => untilAdmitted(() => post(system, body, { key: company.key, headers, ingress }), 1_000);

const refusalOf = (leadId: string, state: string | null, outcome: string | null) => ({
  status: 409,
  body: {
    success: false,
    code: 'DUPLICATE_LEAD',
    retryable: false,
    duplicateOf: { leadId, state, outcome, statusUrl: `/live-feed/leads/${leadId}` },
  },
});

const ACCEPTED = ['ACCEPTED', 'DIALER_ACCEPTED'] as const;

test('without a rule nothing is compared', async () => {
  const company = await companyWith(null);
  for (const n of [1, 2]) expect((await send(company, variant(company, n))).status).toBe(200);
  expect(await storedLeadIds(system, company)).toHaveLength(2);
  expect(await system.database.phoneClaim.count({ where: { companyId: company.id } })).toBe(0);
});

describe('refuse', () => {
  test('a second lead gets 409 with the first one’s id and outcome, equal or not, and in any campaign', async () => {
    const company = await companyWith(rule('refuse'));
    await system.database.campaign.create({
      data: { id: newId(), companyId: company.id, campaignId: '991' },
    });
    const first = await send(company, variant(company, 1));
    expect([first.status, first.headers.get('duplicate-of')]).toEqual([200, null]);
    for (const body of [variant(company, 1), variant(company, 2), variant({ campaignId: '991' }, 1)]) {
      const second = await send(company, body, { ingress: 1 });
      expect(second).toMatchObject(refusalOf(leadIdOf(first), ...ACCEPTED));
      expect(second.headers.get('duplicate-of')).toBe(leadIdOf(first));
      expect(second.headers.get('x-lead-id')).toBeNull();
    }
    expect((await send(company, variant(company, 1, 2))).status).toBe(200);
    expect(await storedLeadIds(system, company)).toHaveLength(2);
    expect(await system.database.lead.count({ where: { companyId: company.id } })).toBe(2);
  });

  test('of a hundred at once, on two servers, one goes through', async () => {
    const company = await companyWith(rule('refuse'));
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => send(company, variant(company, n), { ingress: n % 2 })),
    );
    const [taken, ...more] = answers.filter(({ status }) => status === 200);
    expect(more).toEqual([]);
    const leadId = leadIdOf(taken as Answer);
    for (const answer of answers.filter((each) => each !== taken)) {
      expect(answer).toMatchObject(refusalOf(leadId, ...ACCEPTED));
    }
    expect(await storedLeadIds(system, company)).toEqual([leadId]);
  });

  test('hundreds that wait for one lead leave connections to others, and are answered by what becomes of it', async () => {
    const [company, other] = [await companyWith(rule('refuse')), await companyWith(null)];
    const [first] = [variant(company, 0)];
    const queue = await queues.of(company);
    await queue.pause();
    const taken = await send(company, first, { headers: { prefer: 'respond-async' } });
    const leads = Array.from({ length: 900 }, (_, n) => variant(company, n + 1));
    const batch = callIngress(system.ingresses[0]?.url ?? '', '/live-feed/ringcx/batch', {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${company.key}`, 'content-type': 'application/json' },
        prefer: 'wait=8',
      },
      body: JSON.stringify({ leads }),
    });
    for (let n = 0; n < 10; n += 1) {
      const { status } = await post(system, variant(other, n, n), { key: other.key });
      expect(status).toBe(200);
    }
    await queue.resume();
    const { body } = await batch;
    const codes = body.results.map((each: { code: string }) => each.code);
    expect(new Set(codes)).toEqual(new Set(['DUPLICATE_LEAD']));
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(taken)]);
  });

  test('of a hundred equal ones at once all get the one lead’s answer: they join it as ever', async () => {
    const company = await companyWith(rule('refuse'));
    const queue = await queues.of(company);
    await queue.pause();
    const sent = Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        send(company, variant(company, 1), { ingress: n % 2, headers: { prefer: 'wait=20' } }),
      ),
    );
    await waitFor(() => system.database.phoneClaim.count({ where: { companyId: company.id } }));
    await queue.resume();
    const answers = await sent;
    const leadIds = new Set(answers.filter(({ status }) => status === 200).map(leadIdOf));
    expect(leadIds.size).toBe(1);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(10);
    // What a busy machine refused was sent again, perhaps after the lead's end.
    const late = answers.filter(({ status }) => status !== 200);
    expect(late).toMatchObject(late.map(() => refusalOf([...leadIds][0] ?? '', ...ACCEPTED)));
    expect(await storedLeadIds(system, company)).toHaveLength(1);
  });

  test('while the first is under way the second waits for its outcome, or not if it prefers so', async () => {
    const company = await companyWith(rule('refuse'));
    const queue = await queues.of(company);
    await queue.pause();
    const first = await send(company, variant(company, 1), { headers: { prefer: 'respond-async' } });
    expect(first.status).toBe(202);
    const { leadId } = first.body;
    const atOnce = await send(company, variant(company, 2), { headers: { prefer: 'respond-async' } });
    expect(atOnce).toMatchObject(refusalOf(leadId, 'QUEUED', null));
    const later = send(company, variant(company, 3), { headers: { prefer: 'wait=20' } });
    // An equal one joins it, although it is kept.
    const equal = await send(company, variant(company, 1), { headers: { prefer: 'respond-async' } });
    expect([equal.status, equal.body.leadId]).toEqual([202, leadId]);
    await queue.resume();
    expect(await later).toMatchObject(refusalOf(leadId, ...ACCEPTED));
    expect(await storedLeadIds(system, company)).toEqual([leadId]);
  });

  test('a lead that is not taken does not keep the next from going through, also one that waits for it', async () => {
    const company = await companyWith(rule('refuse'));
    const rejecting = (match: object) =>
      misbehave(system, {
        rules: [{ on: 'upload', match, fault: { kind: 'reject', message: 'no', row: 'full' } }],
      });
    await rejecting({ campaignId: company.campaignId });
    const rejected = await send(company, variant(company, 1));
    expect(rejected).toMatchObject({ status: 502, body: { code: 'DIALER_REJECTED' } });
    await misbehave(system, { rules: [] });

    const queue = await queues.of(company);
    await queue.pause();
    const kept = await send(company, variant(company, 2), { headers: { prefer: 'respond-async' } });
    const waiting = send(company, variant(company, 3), { headers: { prefer: 'wait=20' } });
    const given = await callIngress(system.ingresses[0]?.url ?? '', kept.body.statusUrl, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${company.key}` },
    });
    expect(given.body.state).toBe('ABANDONED');
    await queue.resume();
    const taken = await waiting;
    expect(taken.status).toBe(200);
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(taken)]);
  });

  test('a suppressed phone is told as such, again and again', async () => {
    const company = await companyWith(rule('refuse'));
    await callIngress(system.ingresses[0]?.url ?? '', '/dnc/add', {
      method: 'POST',
      headers: { authorization: `Bearer ${company.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ phone: leadNumber(1).lead.leadPhone }),
    });
    for (const n of [1, 2]) {
      expect(await send(company, variant(company, n))).toMatchObject({
        status: 422,
        body: { code: 'PHONE_SUPPRESSED' },
      });
    }
  });
});

describe('with an Idempotency-Key', () => {
  test('a repetition is replayed, and a duplicate takes neither key nor lead', async () => {
    const company = await companyWith(rule('refuse'));
    const [one, two] = [{ 'idempotency-key': randomUUID() }, { 'idempotency-key': randomUUID() }];
    const first = await send(company, variant(company, 1), { headers: one });
    const again = await send(company, variant(company, 1), { headers: one, ingress: 1 });
    expect([again.status, leadIdOf(again), again.headers.get('idempotent-replayed')]).toEqual([
      200,
      leadIdOf(first),
      'true',
    ]);
    expect(await send(company, variant(company, 1), { headers: two })).toMatchObject(
      refusalOf(leadIdOf(first), ...ACCEPTED),
    );
    expect(await system.database.idempotencyKey.count({ where: { companyId: company.id } })).toBe(1);
    expect((await send(company, variant(company, 2), { headers: one })).body.code).toBe(
      'IDEMPOTENCY_KEY_REUSED',
    );
  });

  test('of many at once, with and without keys, one goes through', async () => {
    const company = await companyWith(rule('refuse'));
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        send(company, variant(company, n % 3 === 0 ? 0 : n), {
          ingress: n % 2,
          headers: n % 3 === 0 ? { 'idempotency-key': 'the same' } : {},
        }),
      ),
    );
    const leadIds = new Set(answers.filter(({ status }) => status === 200).map(leadIdOf));
    expect(leadIds.size).toBe(1);
    expect(new Set(answers.map(({ status }) => status)).size).toBe(2);
    expect(await storedLeadIds(system, company)).toEqual([...leadIds]);
  });
});

describe('answer', () => {
  test('a second lead gets the first one’s answer, and is marked', async () => {
    const company = await companyWith(rule('answer'));
    const first = await send(company, variant(company, 1));
    const second = await send(company, variant(company, 2), { ingress: 1 });
    expect([second.status, second.body]).toEqual([200, first.body]);
    expect([leadIdOf(second), second.headers.get('duplicate-of')]).toEqual([
      leadIdOf(first),
      leadIdOf(first),
    ]);
    expect(second.headers.get('x-outcome-source')).toBe('answer');
    expect(await storedLeadIds(system, company)).toEqual([leadIdOf(first)]);
  });

  test('while the first is kept the second gets 202 as well, or waits', async () => {
    const company = await companyWith(rule('answer'));
    const queue = await queues.of(company);
    await queue.pause();
    const first = await send(company, variant(company, 1), { headers: { prefer: 'respond-async' } });
    const second = await send(company, variant(company, 2), { headers: { prefer: 'respond-async' } });
    expect([second.status, second.body]).toEqual([202, first.body]);
    expect(second.headers.get('duplicate-of')).toBe(first.body.leadId);
    const waiting = send(company, variant(company, 3), { headers: { prefer: 'wait=20' } });
    await queue.resume();
    expect((await waiting).headers.get('duplicate-of')).toBe(first.body.leadId);
    expect((await waiting).status).toBe(200);
    await untilState(system, first.body.leadId, 'ACCEPTED');
  });
});

test('of two equal phones in a batch the second is the duplicate; the others are taken', async () => {
  for (const action of ['refuse', 'answer'] as const) {
    const company = await companyWith(rule(action));
    const leads = [
      variant(company, 1, 10),
      variant(company, 1, 11),
      variant(company, 2, 11),
      variant(company, 1, 12),
    ];
    const { body } = await callIngress(system.ingresses[0]?.url ?? '', '/live-feed/ringcx/batch', {
      method: 'POST',
      headers: { authorization: `Bearer ${company.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ leads }),
    });
    const results: { status: number; leadId?: string; duplicateOf?: { leadId: string } }[] = body.results;
    const duplicates = results.filter(({ duplicateOf }) => duplicateOf !== undefined);
    expect(duplicates.map(({ status }) => status)).toEqual([action === 'refuse' ? 409 : 200]);
    expect(results.filter(({ status }) => status === 200)).toHaveLength(action === 'refuse' ? 3 : 4);
    const [duplicate] = duplicates;
    expect(results.filter((each) => each !== duplicate).map(({ leadId }) => leadId)).toContain(
      duplicate?.duplicateOf?.leadId,
    );
    expect(await storedLeadIds(system, company)).toHaveLength(3);
  }
});

describe('a campaign’s own rule', () => {
  test('off: its leads are not compared, and do not count for others', async () => {
    const company = await companyWith(rule('refuse'), 'off');
    await system.database.campaign.create({
      data: { id: newId(), companyId: company.id, campaignId: '992' },
    });
    for (const n of [1, 2]) expect((await send(company, variant(company, n))).status).toBe(200);
    const [first, second] = [
      await send(company, variant({ campaignId: '992' }, 1)),
      await send(company, variant({ campaignId: '992' }, 2)),
    ];
    expect([first.status, second.status]).toEqual([200, 409]);
  });

  test('for itself: only its own leads count', async () => {
    const company = await companyWith(null, rule('refuse', { scope: 'campaign' }));
    await system.database.campaign.create({
      data: { id: newId(), companyId: company.id, campaignId: '993' },
    });
    for (const n of [1, 2]) expect((await send(company, variant({ campaignId: '993' }, n))).status).toBe(200);
    expect((await send(company, variant(company, 1))).status).toBe(200);
    expect((await send(company, variant(company, 2))).status).toBe(409);
  });
});
