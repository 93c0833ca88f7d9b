import { FORWARDABLE_FIELDS } from '@live-feed/core/lead/lead-fields';
import { setDuplicates } from '@live-feed/database/directory/companies';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { describe, expect, test } from 'vitest';
import { type Answer, callIngress, EXAMPLE, leadNumber, simulator, uploadOf } from '../../kit/http/client.ts';
import { scrape, series } from '../../kit/http/scrape.ts';
import { leadIdOf, rowOf, storedLeadIds, untilAdmitted } from '../../kit/leads/lead-effects.ts';
import { addKey } from '../../kit/system/api-key.ts';
import { addCompany, type Company, type CompanyOptions } from '../../kit/system/company.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** A dry run tells what would become of a lead: the same as the lead is told afterwards. */

let system: System;
let queues: Queues;
useSystem({}, (started) => {
  ({ system, queues } = started);
});

const ROUTE = '/live-feed/ringcx';
const BATCH = `${ROUTE}/batch`;
const PREFER = { prefer: 'handling=dry-run' };

interface Asked {
  readonly path?: string;
  readonly headers?: Record<string, string>;
  /** Null for none. */
  readonly key?: string | null;
}

function ask(body: unknown, { path = ROUTE, headers = {}, key = null }: Asked): Promise<Answer> {
  return untilAdmitted(() =>
    callIngress(system.ingresses[0]?.url ?? '', path, {
      method: 'POST',
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        'content-type': 'application/json',
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );
}

const tryOut = (body: unknown, key: string, headers: Record<string, string> = {}) =>
  ask(body, { key, headers: { ...PREFER, ...headers } });

/** Asked one after the other, they have different seconds left. */
function withoutSeconds(body: Record<string, unknown>): unknown {
  const { retryAfterSeconds, message } = body;
  if (typeof retryAfterSeconds !== 'number') return body;
  return {
    ...body,
    retryAfterSeconds: 'some',
    message: String(message).replace(String(retryAfterSeconds), 'some'),
  };
}

describe('what would be sent', () => {
  const FORWARDED = {
    lead: { title: 'Dr.', leadPriority: 3, extendedLeadData: { colour: 'blue' }, empty: '' },
    options: { dncTags: ['state'] },
  };
  const companies: readonly [string, CompanyOptions, object, object][] = [
    ['RingCX, with a token', {}, {}, {}],
    ['RingCX, with a JWT credential', { signsIn: 'with a JWT' }, {}, {}],
    ['NewBridge', { family: 'newbridge' }, {}, {}],
    ['fields that it is not switched on for', {}, FORWARDED.lead, FORWARDED.options],
    [
      'fields, words and numbers that it is configured for',
      {
        uploadDefaults: { listState: 'INACTIVE' },
        leadSettings: {
          forward: FORWARDABLE_FIELDS,
          map: { 'dialPriority.IMMEDIATE': 'NOW' },
          phoneFormat: 'e164',
        },
      },
      FORWARDED.lead,
      FORWARDED.options,
    ],
  ];

  test.each(companies)('%s', async (_name, options, lead, leadOptions) => {
    const company = await addCompany(system, options);
    const body = {
      ...{ campaignId: company.campaignId, lead: { ...EXAMPLE.lead, ...lead } },
      options: { ...EXAMPLE.options, ...leadOptions },
    };
    const tried = await tryOut(body, company.key);
    expect(tried).toMatchObject({ status: 200, body: { success: true, dryRun: true } });
    expect(tried.headers.get('preference-applied')).toBe('handling=dry-run');
    expect(tried.headers.get('x-lead-id')).toBeNull();
    const { wouldSend } = tried.body;
    expect(wouldSend).toMatchObject({
      dialerFamily: options.family ?? 'ringcx',
      campaignId: company.campaignId,
      source: null,
    });
    expect(JSON.stringify(tried.body)).not.toMatch(/aws80|[Tt]oken|jwt|secret|authorization/i);

    const real = await ask(body, { key: company.key });
    expect(real).toMatchObject({ status: 200, body: { success: true } });
    expect(real.body.dryRun).toBeUndefined();
    const sent = await uploadOf(system, leadIdOf(real));
    const [only] = sent.uploadLeads;
    expect(wouldSend.body).toEqual({
      ...sent,
      uploadLeads: [{ ...only, externId: '00000000-0000-0000-0000-000000000000' }],
    });
    const row = await rowOf(system, leadIdOf(real));
    expect([wouldSend.callerId, wouldSend.callerIdTier, wouldSend.callerIdDistanceKm]).toEqual([
      row?.callerId,
      row?.aniTier,
      row?.aniDistanceKm,
    ]);
  });

  test('the label of the key is in it', async () => {
    const company = await addCompany(system);
    const key = await addKey(system, company, { settings: { label: 'Vendor A' } });
    const { body } = await tryOut(leadNumber(1, company.campaignId), key);
    expect(body.wouldSend.source).toBe('Vendor A');
  });

  test('without a number left, the campaign’s own', async () => {
    const company = await addCompany(system);
    await system.database.ani.deleteMany({ where: { companyId: company.id } });
    const { body } = await tryOut(leadNumber(1, company.campaignId), company.key);
    expect(body.wouldSend).toMatchObject({ callerId: null, callerIdTier: null, callerIdDistanceKm: null });
    expect(body.wouldSend.body.uploadLeads[0]).not.toHaveProperty('callerId');
  });
});

describe('a lead that would be refused gets its refusal', () => {
  const HOUR_MS = 3_600_000;
  const phone = (n: number) => leadNumber(n).lead.leadPhone;

  interface Case {
    readonly code: string;
    readonly status: number;
    readonly body?: (company: Company) => unknown;
    readonly key?: (company: Company) => Promise<string | null>;
    readonly prepare?: (company: Company) => Promise<unknown>;
  }
  const seededKey = (name: keyof System['seeded']['keys']) => async () => system.seeded.keys[name];
  const CASES: readonly Case[] = [
    { code: 'API_KEY_MISSING', status: 401, key: async () => null },
    { code: 'API_KEY_INVALID', status: 401, key: async () => 'oiq_nobody' },
    { code: 'API_KEY_INACTIVE', status: 401, key: seededKey('inactive') },
    { code: 'API_KEY_WRONG_TYPE', status: 403, key: seededKey('notUniversal') },
    { code: 'MALFORMED_JSON', status: 400, body: () => '{' },
    { code: 'VALIDATION_FAILED', status: 400, body: ({ campaignId }) => ({ campaignId, lead: { zip: 1 } }) },
    {
      code: 'PHONE_INVALID',
      status: 400,
      body: ({ campaignId }) => ({ campaignId, lead: { leadPhone: '1' } }),
    },
    { code: 'NO_DIALER', status: 400, key: seededKey('noDialer') },
    { code: 'DIALER_FAMILY_UNSUPPORTED', status: 400, key: seededKey('otherFamily') },
    { code: 'DIALER_TOKEN_MISSING', status: 400, key: seededKey('ringcxNoToken') },
    { code: 'CAMPAIGN_NOT_FOUND', status: 404, body: () => leadNumber(1, 'unknown') },
    {
      code: 'CAMPAIGN_NOT_ALLOWED',
      status: 403,
      key: (company) => addKey(system, company, { settings: { campaigns: ['1'] } }),
    },
    {
      code: 'KEY_LIMIT_REACHED',
      status: 429,
      async key(company) {
        const key = await addKey(system, company, { settings: { daily: 1 } });
        expect((await ask(leadNumber(7, company.campaignId), { key })).status).toBe(200);
        return key;
      },
    },
    {
      code: 'DIALER_PAUSED',
      status: 429,
      prepare: async (company) => (await queues.of(company)).pause(),
    },
    {
      code: 'DUPLICATE_LEAD',
      status: 409,
      async prepare(company) {
        const rule = { windowMs: HOUR_MS, scope: 'company', action: 'refuse' } as const;
        await setDuplicates(system.database, company.id, rule);
        const first = {
          ...leadNumber(1, company.campaignId),
          lead: { leadPhone: phone(1), lastName: 'First' },
        };
        expect((await ask(first, company)).status).toBe(200);
      },
    },
    {
      code: 'PHONE_SUPPRESSED',
      status: 422,
      prepare: ({ key }) => ask({ phone: phone(1) }, { path: '/dnc/add', key }),
    },
    {
      code: 'NO_ANI_AVAILABLE',
      status: 400,
      async prepare({ id }) {
        await system.database.company.update({ where: { id }, data: { whenNoAni: 'reject' } });
        await system.database.ani.updateMany({ where: { companyId: id }, data: { status: 'PAUSED' } });
      },
    },
  ];

  test.each(CASES)('$status $code', async ({ code, status, body, key, prepare }) => {
    const company = await addCompany(system);
    await prepare?.(company);
    const keyed = { key: key === undefined ? company.key : await key(company) };
    const lead = body?.(company) ?? leadNumber(1, company.campaignId);
    for (const how of [{ path: `${ROUTE}?dryRun=true` }, { headers: PREFER }]) {
      const tried = await ask(lead, { ...keyed, ...how });
      expect([tried.status, tried.body]).toMatchObject([status, { success: false, dryRun: true, code }]);
      if (how.headers !== undefined) expect(tried.headers.get('preference-applied')).toBe('handling=dry-run');
      const real = await ask(lead, keyed);
      // A lead that was taken before it was refused has an id.
      const { requestId: _one, dryRun: _mark, ...told } = tried.body;
      const { requestId: _other, leadId: _id, statusUrl: _url, ...toldOfReal } = real.body;
      expect([tried.status, withoutSeconds(told)]).toEqual([real.status, withoutSeconds(toldOfReal)]);
      expect(real.body.dryRun).toBeUndefined();
    }
  });

  test('held: as a request that waits, and not one that does not', async () => {
    const company = await addCompany(system);
    const dialer = await system.database.dialer.findUniqueOrThrow({ where: { id: company.dialerId } });
    await createDialerHealth(queues.redis).hold(dialerAddress(dialer), HOUR_MS, 'maintenance');
    const held = {
      status: 429,
      body: { code: 'DIALER_PAUSED', dryRun: true, retryAfterSeconds: expect.any(Number) },
    };
    const lead = leadNumber(1, company.campaignId);
    expect(await tryOut(lead, company.key)).toMatchObject(held);
    const kept = await tryOut(lead, company.key, { prefer: 'handling=dry-run, respond-async' });
    expect(kept).toMatchObject({ status: 200, body: { dryRun: true, wouldSend: {} } });
    expect(kept.headers.get('preference-applied')).toBe('handling=dry-run');
  });
});

test('a duplicate that would be answered gets the earlier lead’s response', async () => {
  const company = await addCompany(system);
  await setDuplicates(system.database, company.id, {
    ...{ windowMs: 3_600_000, scope: 'company', action: 'answer' },
  });
  const first = await ask(leadNumber(1, company.campaignId), company);
  const other = { ...leadNumber(1, company.campaignId), lead: { leadPhone: '5550000001', zip: '33101' } };
  const tried = await tryOut(other, company.key);
  expect([tried.status, tried.body]).toEqual([200, { ...first.body, dryRun: true }]);
  expect(tried.headers.get('duplicate-of')).toBe(leadIdOf(first));
});

test('a lead that would join an equal one under way says which', async () => {
  const company = await addCompany(system);
  await (await queues.of(company)).pause();
  const lead = leadNumber(1, company.campaignId);
  const kept = await ask(lead, { key: company.key, headers: { prefer: 'respond-async' } });
  const tried = await tryOut(lead, company.key);
  expect([tried.status, tried.body]).toEqual([
    200,
    { success: true, dryRun: true, wouldJoin: kept.body.leadId },
  ]);
  await (await queues.of(company)).resume();
  await waitFor(async () => (await rowOf(system, kept.body.leadId))?.state === 'ACCEPTED');
  // Once it has ended, an equal request is a new lead.
  expect((await tryOut(lead, company.key)).body).toMatchObject({
    wouldSend: { campaignId: company.campaignId },
  });
});

describe('how it is asked for', () => {
  const isDry = async (asked: Asked) => {
    const company = await addCompany(system);
    const { status, body } = await ask(leadNumber(1, company.campaignId), { key: company.key, ...asked });
    return [status, body.dryRun ?? false, (await storedLeadIds(system, company)).length];
  };

  test.each(['handling=dry-run', 'Handling="dry-run"', 'handling=DRY-RUN; x=y', 'wait=5, handling=dry-run'])(
    'Prefer: %s',
    async (prefer) => {
      expect(await isDry({ headers: { prefer } })).toEqual([200, true, 0]);
    },
  );

  test.each([
    'handling=strict',
    'handling',
    'handling=lenient, handling=dry-run',
    'return=minimal; handling=dry-run',
  ])('Prefer: %s is none (RFC 7240: the first counts, what is not understood is ignored)', async (prefer) => {
    expect(await isDry({ headers: { prefer } })).toEqual([200, false, 1]);
  });

  test.each([
    ['?dryRun=true', [200, true, 0]],
    ['?dryRun=false', [200, false, 1]],
    ['?other=1', [200, false, 1]],
    ['?dryRun=1', [400, false, 0]],
    ['?dryRun=TRUE', [400, false, 0]],
    ['?dryRun=', [400, false, 0]],
    ['?dryRun', [400, false, 0]],
    ['?dryRun=true&dryRun=false', [400, false, 0]],
    ['?dry_run=true', [400, false, 0]],
    ['?dryrun=true', [400, false, 0]],
    ['?dry-run=true', [400, false, 0]],
    ['?dryRun[]=true', [400, false, 0]],
    ['?dryRun%5B0%5D=true', [400, false, 0]],
    ['?amp;dryRun=true', [400, false, 0]],
    ['?dry+run=true', [400, false, 0]],
    ['?%20dryRun=true', [400, false, 0]],
  ])('%s', async (query, expected) => {
    expect(await isDry({ path: `${ROUTE}${query}` })).toEqual(expected);
  });

  test('one of both is enough', async () => {
    expect(await isDry({ path: `${ROUTE}?dryRun=false`, headers: PREFER })).toEqual([200, true, 0]);
  });
});

describe('Idempotency-Key', () => {
  test('is neither stored nor matched', async () => {
    const company = await addCompany(system);
    const headers = { 'idempotency-key': 'order-1' };
    const [one, other] = [leadNumber(1, company.campaignId), leadNumber(2, company.campaignId)];
    expect(await tryOut(one, company.key, headers)).toMatchObject({ status: 200, body: { dryRun: true } });
    expect(await ask(other, { key: company.key, headers })).toMatchObject({ status: 200 });
    const tried = await tryOut(one, company.key, headers);
    expect(tried).toMatchObject({ status: 200, body: { dryRun: true, wouldSend: {} } });
    expect(tried.headers.get('idempotent-replayed')).toBeNull();
  });

  test('has to be one', async () => {
    const company = await addCompany(system);
    const tried = await tryOut(leadNumber(1, company.campaignId), company.key, { 'idempotency-key': '""' });
    expect(tried).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED', dryRun: true } });
  });
});

describe('limits of keys', () => {
  test('it counts in the rate', async () => {
    const company = await addCompany(system);
    const key = await addKey(system, company, { settings: { rate: { requests: 20, perMs: 3_600_000 } } });
    const lead = leadNumber(1, company.campaignId);
    const reached = { status: 429, body: { code: 'KEY_LIMIT_REACHED' } };
    const answers: Answer[] = [];
    while (answers.at(-1)?.status !== 429 && answers.length <= 20) answers.push(await tryOut(lead, key));
    expect(answers.length).toBeGreaterThan(1);
    expect(answers.at(-1)).toMatchObject(reached);
    expect(await ask(lead, { key })).toMatchObject(reached);
  });

  test('and not in the number of the day', async () => {
    const company = await addCompany(system);
    const key = await addKey(system, company, { settings: { daily: 1 } });
    for (const n of [1, 2, 3])
      expect((await tryOut(leadNumber(n, company.campaignId), key)).status).toBe(200);
    expect((await ask(leadNumber(4, company.campaignId), { key })).status).toBe(200);
  });
});

describe('a batch', () => {
  const leadsOf = ({ campaignId }: Company) => [
    leadNumber(1, campaignId),
    { campaignId, lead: { leadPhone: 'none' } },
    leadNumber(2, 'unknown'),
    leadNumber(2, campaignId),
  ];

  test('each lead by itself, and nothing of any is taken', async () => {
    const company = await addCompany(system);
    await system.database.company.update({
      where: { id: company.id },
      data: { aniDailyCap: 1, whenNoAni: 'reject' },
    });
    const headers = { ...PREFER, 'idempotency-key': 'batch-1' };
    const { status, body } = await ask(
      { leads: leadsOf(company) },
      { path: BATCH, key: company.key, headers },
    );
    expect([status, body.success, body.dryRun]).toEqual([200, false, true]);
    const ofOne = { status: 200, success: true, dryRun: true, wouldSend: { callerId: expect.any(String) } };
    expect(body.results).toMatchObject([
      ofOne,
      { status: 400, dryRun: true, code: 'PHONE_INVALID' },
      { status: 404, dryRun: true, code: 'CAMPAIGN_NOT_FOUND' },
      ofOne,
    ]);
    expect(await storedLeadIds(system, company)).toEqual([]);
  });

  test('in lines', async () => {
    const company = await addCompany(system);
    const response = await fetch(`${system.ingresses[0]?.url}${BATCH}?dryRun=true`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${company.key}`,
        ...{ 'content-type': 'application/json', accept: 'application/x-ndjson' },
      },
      body: JSON.stringify({ leads: leadsOf(company) }),
      signal: AbortSignal.timeout(60_000),
    });
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ dryRun }) => dryRun)).toEqual([true, true, true, true]);
    expect(lines.map(({ index }) => index).sort()).toEqual([0, 1, 2, 3]);
  });

  test('a thousand', async () => {
    const company = await addCompany(system);
    const leads = Array.from({ length: 1_000 }, (_, n) => leadNumber(n, company.campaignId));
    const { body } = await ask({ leads }, { path: BATCH, key: company.key, headers: PREFER });
    expect(body).toMatchObject({ success: true, dryRun: true });
    expect(body.results).toHaveLength(1_000);
  });
});

test('it is in a figure of its own, and in none of those of leads', async () => {
  const company = await addCompany(system);
  const url = system.ingresses[0]?.metricsUrl ?? '';
  const labels = { route: ROUTE, status: '200', code: 'none' };
  const figures = async () => {
    const scraped = await scrape(url);
    const of = (name: string) => scraped.get(series(name, labels)) ?? 0;
    return {
      dry: of('live_feed_dry_runs_total'),
      real: of('live_feed_requests_total'),
      timed: scraped.get(series('live_feed_request_duration_seconds_count', { route: ROUTE })) ?? 0,
    };
  };
  const before = await figures();
  await tryOut(leadNumber(1, company.campaignId), company.key);
  await waitFor(async () => (await figures()).dry > before.dry);
  expect(await figures()).toEqual({ ...before, dry: before.dry + 1 });
});

test('nothing of it reaches the dialing system, not even where new campaigns are looked for there', async () => {
  const company = await addCompany(system);
  const dueAt = new Date(Date.now() + 3_600_000);
  await system.database.campaignSync.create({
    data: { dialerId: company.dialerId, everyMs: 3_600_000, dueAt },
  });
  const requests = async () => (await simulator(system, '/stats')).requests;
  const before = await requests();
  expect((await tryOut(leadNumber(1, 'unknown'), company.key)).status).toBe(404);
  expect((await tryOut(leadNumber(1, company.campaignId), company.key)).status).toBe(200);
  expect(await requests()).toEqual(before);
});
