import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../../database/connection/session.ts';
import { type Answer, callIngress, leadNumber, misbehave, post, simulator } from '../../kit/http/client.ts';
import { rowOf, storedLeadIds } from '../../kit/leads/lead-effects.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** `POST /live-feed/ringcx/batch`: each lead gets what it would have got alone. */

const ROUTE = '/live-feed/ringcx/batch';

const database = useDatabase();
const redis = useRedis();
let system: System;
let company: Company;

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url });
  company = await addCompany(system);
});
afterAll(() => system?.stop());

const headersOf = (key: string, more: Record<string, string> = {}) => ({
  authorization: `Bearer ${key}`,
  'content-type': 'application/json',
  ...more,
});

function postBatch(leads: unknown, headers: Record<string, string> = {}, { key } = company): Promise<Answer> {
  return callIngress(system.ingresses[0]?.url ?? '', ROUTE, {
    method: 'POST',
    headers: headersOf(key, headers),
    body: JSON.stringify({ leads }),
  });
}

const lead = (n: number) => leadNumber(n, company.campaignId);
const idsOf = ({ body }: Answer) => body.results.map(({ leadId }: { leadId: string }) => leadId);
const statusesOf = ({ body }: Answer) => body.results.map(({ status }: { status: number }) => status);

test('the results are in the order of the leads, each as it would have been alone', async () => {
  const wrong = [
    { ...lead(2), lead: { leadPhone: 'none' } },
    leadNumber(3, 'unknown'),
    { campaignId: company.campaignId, lead: {} },
    null,
    [],
  ];
  const answer = await postBatch([lead(1), ...wrong, lead(4)]);
  expect(answer.status).toBe(200);
  expect(answer.body.success).toBe(false);
  expect(statusesOf(answer)).toEqual([200, 400, 404, 400, 400, 400, 200]);
  for (const [n, body] of wrong.entries()) {
    const alone = await post(system, body, { key: company.key });
    const { status, ...told } = answer.body.results[n + 1];
    expect({ ...told, requestId: null }).toEqual({ ...alone.body, requestId: null });
    expect(status).toBe(alone.status);
    expect(told.requestId).toBe(answer.headers.get('x-request-id'));
  }
  const [first, last] = [idsOf(answer)[0], idsOf(answer).at(-1)];
  expect(answer.body.results[0]).toMatchObject({ success: true, dialerResponse: { leadsAccepted: 1 } });
  expect((await storedLeadIds(system, company)).sort()).toEqual([first, last].sort());
});

test('a thousand leads share a few uploads', async () => {
  const large = await addCompany(system);
  const leads = Array.from({ length: 1_000 }, (_, n) => leadNumber(n, large.campaignId));
  const taken = new Map<number, string>();
  // What a busy machine refuses is sent again, as the results say; what it has not delivered by the deadline it delivers later.
  while (taken.size < leads.length) {
    const left = leads.map((lead, n) => ({ lead, n })).filter(({ n }) => !taken.has(n));
    const { results } = (
      await postBatch(
        left.map(({ lead }) => lead),
        {},
        large,
      )
    ).body;
    for (const [place, { n }] of left.entries()) {
      const { status, leadId } = results[place];
      if (status === 200 || status === 504) taken.set(n, leadId);
      else expect(results[place]).toMatchObject({ retryable: true });
    }
  }
  await waitFor(async () => (await storedLeadIds(system, large)).length >= taken.size);
  expect((await storedLeadIds(system, large)).sort()).toEqual([...taken.values()].sort());
  const { requests } = await simulator(system, '/requests?limit=200');
  const uploads = requests.filter(({ url }: { url: string }) =>
    url.includes(`/campaigns/${large.campaignId}/leadLoader`),
  );
  expect(uploads.length).toBeLessThan(20);
});

describe('a request that is no batch is refused as a whole', () => {
  test.each([
    ['no leads', { leads: [] }],
    ['a thousand and one', { leads: Array.from({ length: 1_001 }, () => null) }],
    ['no list', { leads: {} }],
    ['one lead', leadNumber(0)],
  ])('%s', async (_, body) => {
    const answer = await callIngress(system.ingresses[0]?.url ?? '', ROUTE, {
      method: 'POST',
      headers: headersOf(company.key),
      body: JSON.stringify(body),
    });
    expect(answer).toMatchObject({ status: 400, body: { success: false, code: 'VALIDATION_FAILED' } });
  });

  test('more than 2 MiB', async () => {
    const answer = await postBatch(['x'.repeat(2 * 1024 * 1024)]);
    expect(answer).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
    expect(answer.body.message).toContain('2097152 bytes');
  });

  test('no key', async () => {
    expect(await postBatch([lead(1)], {}, { ...company, key: 'none' })).toMatchObject({ status: 401 });
  });
});

test('with Accept: application/x-ndjson each result is sent as soon as it is known', async () => {
  const slow = await addCompany(system);
  await misbehave(system, {
    rules: [{ on: 'upload', match: { campaignId: slow.campaignId }, fault: { kind: 'hang' } }],
  });
  const response = await fetch(`${system.ingresses[0]?.url}${ROUTE}`, {
    method: 'POST',
    headers: headersOf(slow.key, { accept: 'application/json;q=0.5, application/x-ndjson' }),
    body: JSON.stringify({ leads: [leadNumber(1, slow.campaignId), leadNumber(2, 'unknown')] }),
    signal: AbortSignal.timeout(60_000),
  });
  expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
  const lines = createInterface({ input: Readable.fromWeb(response.body as never) });
  const results = lines[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await results.next()).value);
  expect(await next()).toMatchObject({ index: 1, status: 404, code: 'CAMPAIGN_NOT_FOUND' });
  // Only now the first is let go.
  await misbehave(system, { rules: [] });
  expect(await next()).toMatchObject({ index: 0, leadId: expect.any(String) });
  expect((await results.next()).done).toBe(true);
});

describe('Idempotency-Key', () => {
  test('the same request gets the same results, and makes no lead twice', async () => {
    const own = await addCompany(system);
    const leads = [leadNumber(1, own.campaignId), null, leadNumber(2, own.campaignId)];
    const key = { 'idempotency-key': 'import 7' };
    const first = await postBatch(leads, key, own);
    expect(statusesOf(first)).toEqual([200, 400, 200]);
    const again = await postBatch(leads, key, own);
    expect(idsOf(again)).toEqual(idsOf(first));
    expect(statusesOf(again)).toEqual([200, 400, 200]);
    expect(await storedLeadIds(system, own)).toHaveLength(2);

    const changed = await postBatch([leadNumber(3, own.campaignId), null, leads[2]], key, own);
    expect(statusesOf(changed)).toEqual([422, 400, 200]);
    expect(changed.body.results[0]).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    // A lead alone has another key, whatever it is called.
    expect((await post(system, leads[0], { key: own.key, headers: key })).status).toBe(200);
    expect(await storedLeadIds(system, own)).toHaveLength(3);
  });
});

test('Prefer: respond-async holds for every lead', async () => {
  const own = await addCompany(system);
  const leads = [1, 2].map((n) => leadNumber(n, own.campaignId));
  const answer = await postBatch(leads, { prefer: 'respond-async' }, own);
  expect(answer.headers.get('preference-applied')).toBe('respond-async');
  expect(answer.body).toMatchObject({ success: true, results: [{ status: 202 }, { status: 202 }] });
  for (const leadId of idsOf(answer)) {
    expect(answer.body.results.map(({ statusUrl }: { statusUrl: string }) => statusUrl)).toContain(
      `/live-feed/leads/${leadId}`,
    );
    await waitFor(async () => (await rowOf(system, leadId))?.state === 'ACCEPTED');
  }
});

test('a company has 16 batches under way at most; the next is refused, and nothing of it is taken', async () => {
  const own = await addCompany(system);
  await misbehave(system, {
    rules: [{ on: 'upload', match: { campaignId: own.campaignId }, fault: { kind: 'hang' } }],
  });
  const underWay = Array.from({ length: 16 }, (_, n) => postBatch([leadNumber(n, own.campaignId)], {}, own));
  await waitFor(async () => (await system.database.lead.count({ where: { companyId: own.id } })) === 16);
  const next = await postBatch([leadNumber(16, own.campaignId)], {}, own);
  expect(next).toMatchObject({ status: 429, body: { code: 'OVERLOADED', retryable: true } });
  expect((await postBatch([lead(9)])).status).toBe(200);
  await misbehave(system, { rules: [] });
  await Promise.all(underWay);
  await waitFor(async () => (await postBatch([leadNumber(16, own.campaignId)], {}, own)).status === 200);
});

describe('places of batches', () => {
  const FULL = { status: 429, body: { code: 'OVERLOADED', retryable: true } };
  const send = (key: string, signal: AbortSignal) =>
    fetch(`${system.ingresses[0]?.url}${ROUTE}`, {
      ...{ method: 'POST', headers: headersOf(key), signal },
      body: JSON.stringify({ leads: [lead(1)] }),
    }).then(
      ({ status }) => status,
      () => 'left',
    );

  test('a client that leaves while its key is looked up keeps none', async () => {
    const other = await addCompany(system);
    const session = await openSession(database.url);
    await session.query('BEGIN; LOCK TABLE api_keys');
    const leaving = new AbortController();
    const left = Array.from({ length: 20 }, () => send(other.key, leaving.signal));
    await waitFor(async () => {
      const { rows } = await session.query('SELECT FROM pg_locks WHERE NOT granted');
      return rows.length > 0;
    });
    leaving.abort();
    await Promise.all(left);
    await session.query('COMMIT');
    const answer = await waitFor(async () => {
      const tried = await postBatch([leadNumber(1, other.campaignId)], {}, other);
      return tried.status === 200 ? tried : undefined;
    });
    expect(statusesOf(answer)).toEqual([200]);
  });

  test('a client that leaves keeps its place while its leads are under way', async () => {
    await misbehave(system, { rules: [{ on: 'upload', fault: { kind: 'delay', ms: 6_000 } }] });
    const leaving = new AbortController();
    const left = Array.from({ length: 16 }, () => send(company.key, leaving.signal));
    await waitFor(async () => (await postBatch([lead(2)])).status === 429);
    leaving.abort();
    expect(await Promise.all(left)).toEqual(Array(16).fill('left'));
    expect(await postBatch([lead(2)])).toMatchObject(FULL);
    await misbehave(system, {});
    await waitFor(async () => (await postBatch([lead(3)])).status === 200);
  });
});
