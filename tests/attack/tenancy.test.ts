import { digestApiKey, hintOf, issueApiKey } from '@live-feed/core/crypto/api-key';
import { newId } from '@live-feed/core/ids';
import { pauseCampaign, resumeCampaign } from '@live-feed/database/pauses/campaign-pauses';
import { cursorAfter } from '@live-feed/ingress/status/lead-cursor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Operation, readOperations } from '../kit/fuzz/api-operations.ts';
import { type Answer, callIngress, leadNumber, post, simulator } from '../kit/http/client.ts';
import { leadIdOf, rowOf } from '../kit/leads/lead-effects.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { addKey } from '../kit/system/api-key.ts';
import { addCompany, type Company } from '../kit/system/company.ts';
import { openQueues, type Queues } from '../kit/system/queues.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';

/**
 * For a key only its own company's leads and campaigns exist, whatever of another company's it knows; for one that is limited to campaigns only
 * their leads.
 */

const database = useDatabase();
const redis = useRedis();
let system: System;
let queues: Queues;
let operations: readonly Operation[];
/** Both have a campaign of one id, and leads of one phone. */
let own: Company;
let other: Company;
/** Of the other company: delivered, and promised. */
let delivered: string;
let promised: string;
/** Of the other company, and limited to another of its campaigns than those leads'. */
let limited: Asker;

const SHARED_CAMPAIGN = '777000';
/** What the other company sent under its Idempotency-Keys. */
const KEYED = { 'order-1': leadNumber(3, SHARED_CAMPAIGN), 'order-2': leadNumber(4, SHARED_CAMPAIGN) };

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url });
  queues = await openQueues(system);
  operations = (await readOperations(system.ingresses[0]?.url ?? '')).filter(({ secured }) => secured);
  own = await addCompany(system);
  other = await addCompany(system);
  for (const { id } of [own, other]) {
    await system.database.campaign.create({
      data: { id: newId(), companyId: id, campaignId: SHARED_CAMPAIGN },
    });
  }
  delivered = leadIdOf(await submitAs(other, leadNumber(1, SHARED_CAMPAIGN), {}));
  for (const [key, body] of Object.entries(KEYED)) {
    expect((await submitAs(other, body, { 'idempotency-key': key })).status).toBe(200);
  }
  expect((await submitAs(own, leadNumber(1, SHARED_CAMPAIGN), {})).status).toBe(200);
  await (await queues.of(other)).pause();
  const kept = await submitAs(other, leadNumber(2, SHARED_CAMPAIGN), { prefer: 'respond-async' });
  promised = kept.body.leadId;
  limited = { key: await addKey(system, other, { settings: { campaigns: [other.campaignId] } }) };
});
afterAll(async () => {
  await queues?.close();
  await system?.stop();
});

/** A busy machine may take longer over a first look-up than the ingress gives it. */
function submitAs({ key }: Company, body: unknown, headers: Record<string, string>): Promise<Answer> {
  return waitFor(async () => {
    const answer = await post(system, body, { key, headers });
    return answer.status === 503 ? undefined : answer;
  });
}

function ask(method: string, path: string, authorization: string | null, body?: unknown): Promise<Answer> {
  return callIngress(system.ingresses[0]?.url ?? '', path, {
    method,
    headers: {
      ...(authorization === null ? {} : { authorization }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Who asks for the other company's leads. */
interface Asker {
  readonly key: string;
}

/** What is told of a lead that nobody has. */
async function expectNobodys(
  { key }: Asker,
  method: string,
  path: (leadId: string) => string,
  leadId: string,
): Promise<void> {
  const askFor = (id: string) => ask(method, path(id), `Bearer ${key}`);
  const [others, nobodys] = [await askFor(leadId), await askFor(newId())];
  const { requestId: _one, ...told } = others.body;
  const { requestId: _another, ...toldOfNone } = nobodys.body;
  expect([others.status, told]).toEqual([404, toldOfNone]);
}

async function expectOnlyOwn({ key }: Asker, query: string): Promise<void> {
  const { status, body } = await ask('GET', `/live-feed/leads?${query}`, `Bearer ${key}`);
  expect(status).toBe(200);
  const ids = body.leads.map(({ leadId }: { leadId: string }) => leadId);
  const where = { companyId: other.id, campaignId: SHARED_CAMPAIGN };
  const theirs = await system.database.lead.findMany({ where });
  expect(theirs.length).toBeGreaterThan(2);
  expect(ids.filter((id: string) => theirs.some((lead) => lead.id === id))).toEqual([]);
}

function submitBatchAs(
  company: Company,
  leads: readonly unknown[],
  headers: Record<string, string> = {},
): Promise<Answer> {
  return callIngress(system.ingresses[0]?.url ?? '', '/live-feed/ringcx/batch', {
    method: 'POST',
    headers: { authorization: `Bearer ${company.key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ leads }),
  });
}

function listAs(company: Company, what: 'add' | 'remove' | 'check', body: unknown): Promise<Answer> {
  return ask('POST', `/dnc/${what}`, `Bearer ${company.key}`, body);
}

const assignAs = ({ key }: Company, path: string, body: unknown) => ask('POST', path, `Bearer ${key}`, body);

/** The numbers of both companies, and whose they are. */
async function ownerOf(phone: string): Promise<string | undefined> {
  return (await system.database.ani.findUnique({ where: { phone } }))?.companyId;
}

/** By operation and by what it takes, requests for leads of the other company's campaign. */
const ABOUT_LEADS: Readonly<Record<string, (asker: Asker) => Promise<void>>> = {
  'getLead leadId': async (asker) => {
    await expectNobodys(asker, 'GET', (id) => `/live-feed/leads/${id}`, delivered);
    await expectNobodys(asker, 'GET', (id) => `/live-feed/leads/${id}`, promised);
  },
  'giveBackLead leadId': async (asker) => {
    await expectNobodys(asker, 'DELETE', (id) => `/live-feed/leads/${id}`, promised);
    expect(await rowOf(system, promised)).toMatchObject({ state: 'QUEUED' });
  },
  'getLead inDialer': async (asker) => {
    await expectNobodys(asker, 'GET', (id) => `/live-feed/leads/${id}?inDialer=true`, delivered);
  },
  'giveBackLead inDialer': async (asker) => {
    for (const id of [delivered, promised]) {
      await expectNobodys(asker, 'DELETE', (leadId) => `/live-feed/leads/${leadId}?inDialer=cancel`, id);
    }
    const { leads } = await simulator(system, `/leads?externId=${delivered}`);
    expect(leads).toHaveLength(1);
    expect((await simulator(system, '/stats')).requests).toMatchObject({ leadActions: 0 });
    expect(await rowOf(system, promised)).toMatchObject({ state: 'QUEUED' });
  },
  'listLeads phone': (asker) => expectOnlyOwn(asker, 'phone=5550000001'),
  'listLeads campaignId': (asker) => expectOnlyOwn(asker, `campaignId=${SHARED_CAMPAIGN}`),
  'listLeads source': async (asker) => {
    await system.database.lead.updateMany({ data: { source: 'Vendor A' } });
    await expectOnlyOwn(asker, 'source=Vendor%20A');
  },
  'listLeads state': async (asker) => {
    await expectOnlyOwn(asker, 'state=ACCEPTED');
    await expectOnlyOwn(asker, 'state=QUEUED');
  },
  'listLeads cursor': (asker) => expectOnlyOwn(asker, `cursor=${cursorAfter(promised)}`),
};

/** By operation and by what it takes, the same with what is another company's. A parameter that is not here fails the last test. */
const MATRIX: Readonly<Record<string, () => Promise<void>>> = {
  ...Object.fromEntries(Object.entries(ABOUT_LEADS).map(([name, attempt]) => [name, () => attempt(own)])),
  'submitLead campaignId': async () => {
    const answer = await submitAs(own, leadNumber(6, other.campaignId), {});
    expect(answer).toMatchObject({ status: 404, body: { code: 'CAMPAIGN_NOT_FOUND' } });
  },
  'submitLead dryRun': async () => {
    // The other company's phones, campaigns and leads under way are not shown.
    const path = '/live-feed/ringcx?dryRun=true';
    const tried = (body: unknown) => ask('POST', path, `Bearer ${own.key}`, body);
    await listAs(other, 'add', { phone: '5550000010' });
    for (const n of [2, 10]) {
      const { body } = await tried(leadNumber(n, SHARED_CAMPAIGN));
      expect(body).toMatchObject({ success: true, dryRun: true });
      expect(await ownerOf(body.wouldSend.callerId)).toBe(own.id);
    }
    expect((await tried(leadNumber(2, other.campaignId))).body.code).toBe('CAMPAIGN_NOT_FOUND');
  },
  'submitLeads dryRun': async () => {
    const leads = [leadNumber(2, SHARED_CAMPAIGN), leadNumber(2, other.campaignId)];
    const { body } = await ask('POST', '/live-feed/ringcx/batch?dryRun=true', `Bearer ${own.key}`, { leads });
    expect(body.results).toMatchObject([{ status: 200, dryRun: true }, { code: 'CAMPAIGN_NOT_FOUND' }]);
    expect(await ownerOf(body.results[0].wouldSend.callerId)).toBe(own.id);
  },
  'assignAni dryRun': async () => {
    const { body } = await assignAs(own, '/assignment?dryRun=true', { prospect_phone: '5550000001' });
    expect(await ownerOf(body.ani)).toBe(own.id);
  },
  'assignAnis dryRun': async () => {
    const leads = [{ row_id: 1, prospect_phone: '5550000001', dialer_campaign: SHARED_CAMPAIGN }];
    const { results } = (await assignAs(own, '/assignment/batch?dryRun=true', { leads })).body;
    expect(await ownerOf(results[0].outboundani)).toBe(own.id);
  },
  'addToDnc dryRun': async () => {
    await listAs(other, 'add', { phone: '5550000011' });
    const { body } = await ask('POST', '/dnc/add?dryRun=true', `Bearer ${own.key}`, { phone: '5550000011' });
    expect(body.message).toContain('is on your do-not-call list now');
  },
  'removeFromDnc dryRun': async () => {
    await listAs(other, 'add', { phone: '5550000011' });
    const { body } = await ask('POST', '/dnc/remove?dryRun=true', `Bearer ${own.key}`, {
      phone: '5550000011',
    });
    expect(body.message).toContain('was not on your do-not-call list');
    expect((await listAs(other, 'check', { phone: '5550000011' })).body.onDnc).toBe(true);
  },
  'submitLead idempotency-key': async () => {
    // Neither the other's answer to the same, nor that the key was used for something else.
    for (const [key, body] of [
      ['order-1', KEYED['order-1']],
      ['order-2', leadNumber(5, SHARED_CAMPAIGN)],
    ] as const) {
      const answer = await submitAs(own, body, { 'idempotency-key': key });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('idempotent-replayed')).toBeNull();
      expect(await rowOf(system, leadIdOf(answer))).toMatchObject({ companyId: own.id });
    }
  },
  'submitLead lead': async () => {
    // Equal to one of the other's that is under way: it joins none but its own company's.
    const answer = await submitAs(own, leadNumber(2, SHARED_CAMPAIGN), {});
    expect(answer.status).toBe(200);
    expect(leadIdOf(answer)).not.toBe(promised);
  },
  'submitLeads idempotency-key': async () => {
    const leads = [leadNumber(7, SHARED_CAMPAIGN)];
    const key = { 'idempotency-key': 'batch-1' };
    const [theirs, answer] = [await submitBatchAs(other, leads, key), await submitBatchAs(own, leads, key)];
    expect(theirs.body.results[0].leadId).not.toBe(answer.body.results[0].leadId);
    expect(await rowOf(system, answer.body.results[0].leadId)).toMatchObject({ companyId: own.id });
  },
  'submitLeads leads': async () => {
    const leads = [leadNumber(6, other.campaignId), leadNumber(2, SHARED_CAMPAIGN)];
    const { results } = (await submitBatchAs(own, leads)).body;
    expect(results).toMatchObject([{ status: 404, code: 'CAMPAIGN_NOT_FOUND' }, { status: 200 }]);
    expect(results[1].leadId).not.toBe(promised);
  },
  'assignAni prospect_phone': async () => {
    // The other company's leads of that phone were called from its own number.
    const { body } = await assignAs(own, '/assignment', { prospect_phone: '5550000001' });
    expect(await ownerOf(body.ani)).toBe(own.id);
  },
  'assignAni dialer_campaign': async () => {
    const body = { prospect_phone: '5550000001', dialer_campaign: other.campaignId };
    expect(await assignAs(own, '/assignment', body)).toMatchObject({
      status: 404,
      body: { code: 'CAMPAIGN_NOT_FOUND' },
    });
    const shared = await assignAs(own, '/assignment', { ...body, dialer_campaign: SHARED_CAMPAIGN });
    expect(await ownerOf(shared.body.ani)).toBe(own.id);
  },
  'assignAnis leads': async () => {
    const leads = [other.campaignId, SHARED_CAMPAIGN].map((dialer_campaign, row_id) => ({
      ...{ row_id, prospect_phone: '5550000001', dialer_campaign },
    }));
    const { results } = (await assignAs(own, '/assignment/batch', { leads })).body;
    expect(results[0]).toMatchObject({ outboundani: '', error: expect.stringContaining('no campaign') });
    expect(await ownerOf(results[1].outboundani)).toBe(own.id);
  },
  'addToDnc phone': async () => {
    await listAs(own, 'add', { phone: '5550000008' });
    // The other company's leads of that phone are sent.
    expect((await submitAs(other, leadNumber(8, other.campaignId), { prefer: 'respond-async' })).status).toBe(
      202,
    );
    expect((await submitAs(own, leadNumber(8, SHARED_CAMPAIGN), {})).body.code).toBe('PHONE_SUPPRESSED');
  },
  'checkDnc phone': async () => {
    await listAs(other, 'add', { phone: '5550000009' });
    expect((await listAs(own, 'check', { phone: '5550000009' })).body.onDnc).toBe(false);
    expect((await listAs(other, 'check', { phone: '5550000009' })).body.onDnc).toBe(true);
  },
  'removeFromDnc phone': async () => {
    await listAs(other, 'add', { phone: '5550000009' });
    expect((await listAs(own, 'remove', { phone: '5550000009' })).status).toBe(200);
    expect((await listAs(other, 'check', { phone: '5550000009' })).body.onDnc).toBe(true);
  },
};

/** Names nothing that could be anybody's. */
const NOBODYS = new Set([
  'x-request-id',
  'prefer',
  'options',
  'limit',
  'reason',
  'prospect_zip',
  'real_time',
  'e164',
]);

describe('with a right key and what is another company’s', () => {
  test.each(Object.entries(MATRIX))('%s', async (_name, attempt) => {
    await attempt();
  });

  test('everything that the document takes has been tried', () => {
    const taken = operations.flatMap(({ id, path, query, headers, body }) =>
      [
        ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''),
        ...Object.keys(query),
        ...headers,
        ...Object.keys(body?.properties ?? {}),
      ]
        .filter((name) => !NOBODYS.has(name))
        .map((name) => `${id} ${name}`),
    );
    expect(Object.keys(MATRIX).sort()).toEqual(taken.sort());
  });

  test('another company’s campaign of the same id is paused: the own one goes on, and its leads say nothing of it', async () => {
    await pauseCampaign(system.database, other.id, SHARED_CAMPAIGN, {
      ...{ kind: 'refuse', forMs: null, because: null },
    });
    await waitFor(
      async () =>
        (await submitAs(other, leadNumber(12, SHARED_CAMPAIGN), {})).body.code === 'CAMPAIGN_PAUSED',
    );
    await (await queues.of(own)).pause();
    const kept = await submitAs(own, leadNumber(13, SHARED_CAMPAIGN), { prefer: 'respond-async' });
    expect(kept.status).toBe(202);
    const { body } = await ask('GET', `/live-feed/leads/${leadIdOf(kept)}`, `Bearer ${own.key}`);
    expect(body.state).toBe('QUEUED');
    expect(body).not.toHaveProperty('campaignPause');
    await (await queues.of(own)).resume();
    expect((await submitAs(own, leadNumber(14, SHARED_CAMPAIGN), {})).status).toBe(200);
    await resumeCampaign(system.database, other.id, SHARED_CAMPAIGN);
  });

  test('a form is as good as JSON, for its own company only', async () => {
    const { key } = await addCompany(system, { intake: { forms: true } });
    const send = (apiKey: string) =>
      callIngress(system.ingresses[0]?.url ?? '', '/live-feed/ringcx', {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}` },
        body: new URLSearchParams({ campaignId: other.campaignId, leadPhone: '5550000061' }),
      });
    expect(await send(key)).toMatchObject({ status: 404, body: { code: 'CAMPAIGN_NOT_FOUND' } });
    expect(await send(other.key)).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
  });

  test('each company’s leads go to its own account', async () => {
    const { leads } = await simulator(system, `/leads?campaignId=${SHARED_CAMPAIGN}&limit=1000`);
    const accounts = new Map([
      [own.id, own.campaignId],
      [other.id, other.campaignId],
    ]);
    expect(leads.length).toBeGreaterThan(3);
    for (const { externId, accountId } of leads) {
      const row = await rowOf(system, externId);
      expect(accountId).toBe(accounts.get(row?.companyId ?? ''));
    }
  });
});

describe('with a key of the company that is limited to another campaign', () => {
  test.each(Object.entries(ABOUT_LEADS))('%s', async (_name, attempt) => {
    await attempt(limited);
  });

  test('everything about leads has been tried', () => {
    const tried = new Set(Object.keys(ABOUT_LEADS).map((name) => name.split(' ')[0]));
    const known = operations.filter(({ path }) => path.startsWith('/live-feed/leads')).map(({ id }) => id);
    expect([...tried].sort()).toEqual(known.sort());
  });

  test('it lists the leads of its campaign', async () => {
    const leadId = leadIdOf(
      await submitAs(other, leadNumber(90, other.campaignId), { prefer: 'respond-async' }),
    );
    const { body } = await ask('GET', '/live-feed/leads?phone=5550000090', `Bearer ${limited.key}`);
    expect(body.leads).toMatchObject([{ leadId, campaignId: other.campaignId }]);
  });
});

describe('with a key that is none', () => {
  async function register(data: {
    readonly type?: string;
    readonly active?: boolean;
    readonly expiresAt?: Date;
  }) {
    const key = issueApiKey();
    await system.database.apiKey.create({
      data: {
        ...{ id: newId(), companyId: other.id, type: 'universal' },
        ...{ digest: digestApiKey(key), hint: hintOf(key) },
        ...data,
      },
    });
    return `Bearer ${key}`;
  }

  const CASES: readonly [name: string, code: string, authorization: () => Promise<string | null>][] = [
    ['none', 'API_KEY_MISSING', async () => null],
    ['unknown, its checksum right', 'API_KEY_INVALID', async () => `Bearer ${issueApiKey()}`],
    ['cut', 'API_KEY_INVALID', async () => `Bearer ${other.key.slice(0, -1)}`],
    ['its digest', 'API_KEY_INVALID', async () => `Bearer ${digestApiKey(other.key)}`],
    ['revoked', 'API_KEY_INACTIVE', () => register({ active: false })],
    ['expired', 'API_KEY_INACTIVE', () => register({ expiresAt: new Date(0) })],
    ['of another type', 'API_KEY_WRONG_TYPE', () => register({ type: 'reporting' })],
  ];

  test.each(CASES)('%s: %s, on every operation that asks for one', async (_name, code, authorization) => {
    const header = await authorization();
    for (const { method, path, body } of operations) {
      const lead = body === undefined ? undefined : leadNumber(6, SHARED_CAMPAIGN);
      const answer = await ask(method, path.replace('{leadId}', promised), header, lead);
      expect([path, answer.body.code]).toEqual([path, code]);
      expect([401, 403]).toContain(answer.status);
    }
    expect(await rowOf(system, promised)).toMatchObject({ state: 'QUEUED' });
  });

  test('every character of a right key counts, and so does its case', async () => {
    const { key } = own;
    const misses = [...key].flatMap((letter, n) => {
      const swapped = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
      return [swapped, letter === 'x' ? 'y' : 'x']
        .filter((instead) => instead !== letter)
        .map((instead) => key.slice(0, n) + instead + key.slice(n + 1));
    });
    expect(misses.length).toBeGreaterThan(60);
    for (const miss of misses) {
      const { status, body } = await ask('GET', '/live-feed/leads', `Bearer ${miss}`);
      expect([miss, status, body.code]).toEqual([miss, 401, 'API_KEY_INVALID']);
    }
  });

  test.each([
    ['begun', (key: string) => ({ authorization: `Bearer ${key.slice(0, 20)}` })],
    ['gone on with', (key: string) => ({ authorization: `Bearer ${key}x` })],
    ['twice', (key: string) => ({ authorization: `Bearer ${key},${key}` })],
    ['quoted', (key: string) => ({ authorization: `Bearer "${key}"` })],
    ['without its prefix', (key: string) => ({ authorization: `Bearer ${key.slice(4)}` })],
    ['as a password', (key: string) => ({ authorization: `Basic ${btoa(`ops:${key}`)}` })],
    ['in another header', (key: string) => ({ 'x-api-key': key, 'proxy-authorization': `Bearer ${key}` })],
    ['as a cookie', (key: string) => ({ cookie: `authorization=Bearer ${key}; access_token=${key}` })],
  ])('a right key %s opens nothing', async (_how, headers) => {
    const init = { headers: headers(own.key) };
    expect((await callIngress(system.ingresses[0]?.url ?? '', '/live-feed/leads', init)).status).toBe(401);
  });

  test('a right key in the query opens nothing', async () => {
    for (const name of ['access_token', 'key', 'authorization']) {
      expect((await ask('GET', `/live-feed/leads?${name}=${own.key}`, null)).status).toBe(401);
    }
  });
});
