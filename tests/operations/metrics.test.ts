import { newId } from '@live-feed/core/ids';
import { pauseCampaign, resumeCampaign } from '@live-feed/database/pauses/campaign-pauses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callIngress, EXAMPLE, leadNumber, misbehave, post } from '../kit/http/client.ts';
import { type Scraped, scrape, series } from '../kit/http/scrape.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { addCompany, type Company } from '../kit/system/company.ts';
import type { Part } from '../kit/system/parts.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';

const database = useDatabase();
const redis = useRedis();
let system: System;
let worker: Part;
let parked: Company;

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url, workers: 0 });
  parked = await addCompany(system);
  await park(parked);
  worker = await system.addWorker();
});
afterAll(() => system?.stop());

const ofIngress = () => scrape(system.ingresses[0]?.metricsUrl ?? '');
const ofWorker = () => scrape(worker.metricsUrl);

async function park({ id, dialerId, campaignId }: Company): Promise<void> {
  await system.database.lead.create({
    data: {
      id: newId(),
      companyId: id,
      dialerId,
      campaignId,
      state: 'PARKED',
      phoneDigest: 'd'.repeat(64),
      phoneLast2: '67',
      payload: 'sealed',
      receivedAt: new Date(),
      deadline: new Date(),
      dueAt: new Date(),
      expiresAt: new Date(),
    },
  });
}

async function idOfDialer(family: string): Promise<string> {
  const { id } = await system.database.dialer.findFirstOrThrow({ where: { family } });
  return id;
}

function countOf(scraped: Scraped, name: string, labels: Record<string, string>): number {
  return scraped.get(series(name, labels)) ?? 0;
}

describe('the API', () => {
  test('does not show metrics to callers', async () => {
    const { url = '' } = system.ingresses[0] ?? {};
    expect((await callIngress(url, '/metrics')).status).toBe(404);
  });

  test('counts requests by route, status and code, and times a lead by stage', async () => {
    const route = '/live-feed/ringcx';
    const taken = { route, status: '200', code: 'none' };
    const refused = { route, status: '401', code: 'API_KEY_INVALID' };
    const before = await ofIngress();
    expect((await post(system, EXAMPLE)).status).toBe(200);
    expect((await post(system, EXAMPLE, { key: 'nobody' })).status).toBe(401);
    const after = await waitFor(async () => {
      const scraped = await ofIngress();
      return countOf(scraped, 'live_feed_requests_total', refused) > 0 && scraped;
    });
    const added = (name: string, labels: Record<string, string>) =>
      countOf(after, name, labels) - countOf(before, name, labels);
    expect(added('live_feed_requests_total', taken)).toBe(1);
    expect(added('live_feed_requests_total', refused)).toBe(1);
    for (const stage of ['validate', 'queue', 'reply']) {
      expect([stage, added('live_feed_stage_duration_seconds_count', { stage })]).toEqual([stage, 1]);
    }
    expect(after.get('live_feed_callers_waiting')).toBe(0);
    expect(after.get(series('live_feed_store_up', { store: 'postgresql' }))).toBe(1);
    expect(after.get(series('live_feed_store_up', { store: 'redis' }))).toBe(1);
    expect(after.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  });
});

describe('a worker', () => {
  test('counts the parked leads of a dialer, without anybody asking for them', async () => {
    const ofDialer = series('live_feed_parked_leads', { dialer: parked.dialerId, family: 'ringcx' });
    await waitFor(async () => (await ofWorker()).get(ofDialer) === 1, { what: 'the count of parked leads' });
  });

  test('counts uploads, permits and outcomes of a dialer, and times the stages', async () => {
    const dialer = { dialer: await idOfDialer('ringcx'), family: 'ringcx' };
    const before = await ofWorker();
    expect((await post(system, leadNumber(1))).status).toBe(200);
    const after = await ofWorker();
    const added = (name: string, labels: Record<string, string>) =>
      countOf(after, name, labels) - countOf(before, name, labels);
    expect(added('live_feed_uploads_total', { ...dialer, result: 'answered' })).toBe(1);
    expect(added('live_feed_leads_settled_total', { ...dialer, state: 'ACCEPTED' })).toBe(1);
    expect(added('live_feed_upload_permits_total', { ...dialer, answer: 'granted' })).toBeGreaterThan(0);
    for (const stage of ['permit', 'assign', 'dialing_system', 'record']) {
      expect([stage, added('live_feed_stage_duration_seconds_count', { stage })]).toEqual([stage, 1]);
    }
    expect(after.get('live_feed_upload_leads_sum')).toBe((before.get('live_feed_upload_leads_sum') ?? 0) + 1);
  });

  test('says what waits for a dialer that is held, since when, and why it is held', async () => {
    const company = await addCompany(system);
    const { campaignId, dialerId, key } = company;
    const dialer = { dialer: dialerId, family: 'ringcx' };
    const throttled = { kind: 'status', status: 429, retryAfter: 3 };
    await misbehave(system, { rules: [{ on: 'upload', match: { campaignId }, times: 1, fault: throttled }] });
    const answering = post(system, leadNumber(2, campaignId), { key });
    const held = await waitFor(async () => {
      const scraped = await ofWorker();
      return scraped.get(series('live_feed_dialer_held', dialer)) === 1 && scraped;
    });
    expect(countOf(held, 'live_feed_holds_total', { ...dialer, reason: 'throttled' })).toBe(1);
    expect(countOf(held, 'live_feed_uploads_total', { ...dialer, result: 'throttled' })).toBe(1);
    const oldest = series('live_feed_oldest_waiting_seconds', dialer);
    const delayed = await waitFor(async () => {
      const scraped = await ofWorker();
      return scraped.get(series('live_feed_delayed_leads', dialer)) === 1 && scraped;
    });
    expect(delayed.get(oldest)).toBeGreaterThan(0);
    expect((await answering).status).toBe(200);
    await waitFor(async () => (await ofWorker()).get(oldest) === 0, { what: 'nobody who waits' });
  });

  test('counts paused campaigns by dialer', async () => {
    const { id, campaignId, dialerId } = await addCompany(system);
    const paused = series('live_feed_paused_campaigns', { dialer: dialerId, family: 'ringcx' });
    await waitFor(async () => (await ofWorker()).get(paused) === 0, { what: 'a dialer without pauses' });
    await pauseCampaign(system.database, id, campaignId, { kind: 'keep', forMs: null, because: null });
    await waitFor(async () => (await ofWorker()).get(paused) === 1, { what: 'one paused campaign' });
    await resumeCampaign(system.database, id, campaignId);
    await waitFor(async () => (await ofWorker()).get(paused) === 0, { what: 'none any more' });
  });

  test('has a fixed number of series for a dialer, and none once the dialer is removed', async () => {
    const { id, campaignId, dialerId, key } = await addCompany(system, { family: 'newbridge' });
    const seriesOf = async () => [...(await ofWorker()).keys()].filter((name) => name.includes(dialerId));
    await waitFor(async () => (await seriesOf()).length > 0, { what: 'the series of a new dialer' });
    const unused = await seriesOf();
    expect((await post(system, leadNumber(3, campaignId), { key })).status).toBe(200);
    // Callers are told first; the last to be counted is what became of the lead.
    const isSettled = (name: string) => name.startsWith('live_feed_leads_settled_total');
    await waitFor(async () => (await seriesOf()).some(isSettled), { what: 'a lead that is counted' });
    const used = await seriesOf();
    expect(used.length).toBeGreaterThan(unused.length);
    expect((await post(system, leadNumber(4, campaignId), { key })).status).toBe(200);
    expect(await seriesOf()).toEqual(used);
    expect(used.length).toBeLessThan(40);
    await system.database.dialer.delete({ where: { companyId: id } });
    await waitFor(async () => (await seriesOf()).length === 0, { what: 'the end of the series' });
  });

  test('no series says who a lead is', async () => {
    // Ids are random, and may hold any three digits.
    const labels = [...(await ofIngress()).keys(), ...(await ofWorker()).keys()]
      .join('\n')
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>');
    expect(labels).toContain('<id>');
    for (const personal of ['555', 'Lead 3', 'jane@example.com', '123456'])
      expect(labels).not.toContain(personal);
  });
});
