import type { DuplicateRule } from '@live-feed/core/directory/duplicate-rule';
import { newId } from '@live-feed/core/ids';
import { setDuplicates } from '@live-feed/database/directory/companies';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, callIngress, leadNumber, post, simulator } from '../../kit/http/client.ts';
import { leadIdOf, rowOf, untilAdmitted } from '../../kit/leads/lead-effects.ts';
import { addKey } from '../../kit/system/api-key.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../../kit/system/company-without-permits.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** For a key that is limited to campaigns no leads exist but theirs, even those of its own company. */

let system: System;
let queues: Queues;
useSystem({}, (started) => {
  ({ system, queues } = started);
});

const CAMPAIGNS = { a: '880001', alsoA: '880002', b: '880003' };

/** A company with three campaigns, and keys of two vendors: two campaigns are vendor A's, one is vendor B's. */
async function addVendors(added?: Company) {
  const company = added ?? (await addCompany(system));
  await system.database.campaign.createMany({
    data: Object.values(CAMPAIGNS).map((campaignId) => ({ id: newId(), companyId: company.id, campaignId })),
  });
  const a = await addKey(system, company, { settings: { campaigns: [CAMPAIGNS.a, CAMPAIGNS.alsoA] } });
  const b = await addKey(system, company, { settings: { campaigns: [CAMPAIGNS.b] } });
  return { company, a, b };
}

type Vendors = Awaited<ReturnType<typeof addVendors>>;

const send = (key: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  untilAdmitted(() => post(system, body, { key, headers }));

async function sent(key: string, n: number, campaignId: string): Promise<string> {
  const answer = await send(key, leadNumber(n, campaignId));
  expect(answer.status).toBe(200);
  return leadIdOf(answer);
}

/** A lead that is kept and not sent. */
async function kept(company: Company, n: number, campaignId: string): Promise<string> {
  await (await queues.of(company)).pause();
  const answer = await send(company.key, leadNumber(n, campaignId), { prefer: 'respond-async' });
  expect(answer.status).toBe(202);
  return leadIdOf(answer);
}

const untilClaimed = ({ id: companyId }: Company) =>
  waitFor(async () => (await system.database.phoneClaim.findFirst({ where: { companyId } })) ?? undefined);

const ask = (key: string, path: string, method = 'GET'): Promise<Answer> =>
  callIngress(system.ingresses[0]?.url ?? '', `/live-feed/leads${path}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
  });

async function listed(key: string, query = ''): Promise<string[]> {
  const { status, body } = await ask(key, `?${query}`);
  expect([status, body.nextCursor]).toEqual([200, null]);
  return body.leads.map(({ leadId }: { leadId: string }) => leadId);
}

describe('lists', () => {
  let vendors: Vendors;
  let ofA: string[];
  let ofB: string[];
  beforeAll(async () => {
    vendors = await addVendors();
    [ofA, ofB] = [[], []];
    // By turns, so that every page of one vendor's passes over the other's.
    for (let n = 1; n <= 5; n += 1) {
      ofA.unshift(await sent(vendors.a, n, n % 2 === 0 ? CAMPAIGNS.a : CAMPAIGNS.alsoA));
      ofB.unshift(await sent(vendors.b, n, CAMPAIGNS.b));
    }
  });

  test('have the leads of its campaigns, newest first; those of other keys have all', async () => {
    const { company, a, b } = vendors;
    expect(await listed(a)).toEqual(ofA);
    expect(await listed(b)).toEqual(ofB);
    expect(await listed(company.key)).toEqual(ofA.flatMap((leadId, place) => [ofB[place], leadId]));
  });

  test('are filtered within its campaigns: another one is as good as unknown', async () => {
    const { a } = vendors;
    expect(await listed(a, 'phone=5550000002')).toEqual([ofA[3]]);
    expect(await listed(a, 'state=ACCEPTED')).toEqual(ofA);
    expect(await listed(a, `campaignId=${CAMPAIGNS.a}`)).toEqual([ofA[1], ofA[3]]);
    for (const campaignId of [CAMPAIGNS.b, 'unknown']) {
      expect(await listed(a, `campaignId=${campaignId}`)).toEqual([]);
      expect(await listed(a, `campaignId=${campaignId}&phone=5550000002`)).toEqual([]);
    }
  });

  test.each([1, 2, 5])('have full pages, of %d, until the last', async (limit) => {
    const pages: string[][] = [];
    for (let cursor = ''; ; ) {
      const { body } = await ask(vendors.a, `?limit=${limit}${cursor}`);
      pages.push(body.leads.map(({ leadId }: { leadId: string }) => leadId));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(pages.flat()).toEqual(ofA);
    expect(pages).toHaveLength(Math.ceil(ofA.length / limit));
  });

  test('have the same for a test key', async () => {
    const settings = { campaigns: [CAMPAIGNS.b] };
    const key = await addKey(system, vendors.company, { type: 'test', settings });
    expect(await listed(key)).toEqual(ofB);
    expect((await ask(key, `/${ofA[0]}`)).status).toBe(404);
  });
});

describe('by its id', () => {
  const REQUESTS = [
    ['GET', ''],
    ['GET', '?inDialer=true'],
    ['DELETE', ''],
    ['DELETE', '?inDialer=cancel'],
  ] as const;

  test.each(REQUESTS)('%s %s: a lead of another campaign is as good as unknown', async (method, query) => {
    const { company, a } = await addVendors();
    const accepted = await sent(company.key, 1, CAMPAIGNS.b);
    const queued = await kept(company, 2, CAMPAIGNS.b);
    const { requestId: _none, ...unknown } = (await ask(a, `/${newId()}${query}`, method)).body;
    for (const leadId of [accepted, queued]) {
      const { status, headers, body } = await ask(a, `/${leadId}${query}`, method);
      const { requestId: _one, ...told } = body;
      expect([status, headers.get('x-lead-id'), told]).toEqual([404, null, unknown]);
    }
    expect(unknown.code).toBe('LEAD_NOT_FOUND');
    expect(await rowOf(system, queued)).toMatchObject({ state: 'QUEUED' });
    expect((await simulator(system, '/stats')).requests).toMatchObject({ leadActions: 0 });
  });

  test('a lead of its campaigns is shown and taken back, whichever key it came with', async () => {
    const { company, a } = await addVendors();
    const accepted = await sent(company.key, 1, CAMPAIGNS.alsoA);
    expect(await ask(a, `/${accepted}`)).toMatchObject({ status: 200, body: { state: 'ACCEPTED' } });
    const queued = await kept(company, 2, CAMPAIGNS.alsoA);
    expect(await ask(a, `/${queued}`, 'DELETE')).toMatchObject({ status: 200, body: { state: 'ABANDONED' } });
  });
});

describe('a duplicate of a lead of another campaign', () => {
  const ruled = async (action: DuplicateRule['action'], added?: Company) => {
    const vendors = await addVendors(added);
    const rule: DuplicateRule = { windowMs: 86_400_000, action, scope: 'company' };
    await setDuplicates(system.database, vendors.company.id, rule);
    return vendors;
  };

  /** Nothing of the earlier lead. */
  function expectHidden({ status, headers, body }: Answer, earlier: string): void {
    expect([status, body.code, body.retryable]).toEqual([409, 'DUPLICATE_LEAD', false]);
    expect(body.message).toContain('limited to campaigns');
    expect(JSON.stringify([body, ...headers])).not.toContain(earlier);
    for (const name of ['duplicateOf', 'leadId', 'statusUrl', 'dialerResponse']) {
      expect(body).not.toHaveProperty(name);
    }
    expect([headers.get('duplicate-of'), headers.get('x-lead-id')]).toEqual([null, null]);
  }

  test.each(['refuse', 'answer'] as const)(
    '%s: is refused, and the earlier lead is not shown',
    async (action) => {
      const { company, a, b } = await ruled(action);
      const earlier = await sent(b, 1, CAMPAIGNS.b);
      const repeated = leadNumber(1, CAMPAIGNS.a);
      expectHidden(await send(a, repeated), earlier);
      expectHidden(await send(a, repeated, { prefer: 'handling=dry-run' }), earlier);
      expectHidden(await send(a, repeated, { 'idempotency-key': 'one' }), earlier);
      // To a key that reaches it the earlier lead is shown as ever.
      const { headers } = await send(company.key, repeated);
      expect(headers.get('duplicate-of')).toBe(earlier);
    },
  );

  test('one that is still in the queue only is not shown either', async () => {
    const { company, a } = await ruled('refuse', await addCompanyWithoutPermits(system, queues));
    const waiting = send(company.key, leadNumber(1, CAMPAIGNS.b));
    const { leadId } = await untilClaimed(company);
    expectHidden(await send(a, leadNumber(1, CAMPAIGNS.a), { prefer: 'respond-async' }), leadId);
    expect(await rowOf(system, leadId)).toBeNull();
    await givePermits(system, queues, company);
    expect((await waiting).status).toBe(200);
  });

  test('of one of its own campaigns is shown, in any of them', async () => {
    const { a } = await ruled('refuse');
    const earlier = await sent(a, 1, CAMPAIGNS.a);
    const answer = await send(a, leadNumber(1, CAMPAIGNS.alsoA));
    expect(answer).toMatchObject({
      status: 409,
      body: { duplicateOf: { leadId: earlier, state: 'ACCEPTED' } },
    });
  });
});

test('an Idempotency-Key that came with a lead of another campaign is used up, and shows nothing of that lead', async () => {
  const { a, b } = await addVendors();
  const headers = { 'idempotency-key': 'order-1' };
  const earlier = leadIdOf(await send(b, leadNumber(1, CAMPAIGNS.b), headers));
  const answer = await send(a, leadNumber(1, CAMPAIGNS.a), headers);
  expect(answer).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  expect(answer.headers.get('x-lead-id')).toBeNull();
  expect(JSON.stringify(answer.body)).not.toContain(earlier);
  expect(await send(a, leadNumber(1, CAMPAIGNS.b), headers)).toMatchObject({
    status: 403,
    body: { code: 'CAMPAIGN_NOT_ALLOWED' },
  });
});
