import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import type { PhoneCheck } from '@live-feed/core/directory/phone-check';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { putPhoneCheck, removePhoneCheck } from '@live-feed/database/directory/phone-checks';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Answer, callIngress, leadNumber, misbehave, post } from '../../kit/http/client.ts';
import { scrape } from '../../kit/http/scrape.ts';
import { leadIdOf, rowOf, storedLeadIds, untilAdmitted } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';
import { type Receiver, startReceiver } from '../../kit/webhooks/receiver.ts';

/** Where a company has phones checked: its endpoint is asked before a lead is taken, over HTTP here. */

let system: System;
let queues: Queues;
const lines: string[] = [];
useSystem(
  {
    ingresses: 2,
    environment: { WEBHOOK_ALLOW_PRIVATE: 'true', INGRESS_DEADLINE_MS: '25000' },
    onLog: (line) => void lines.push(line),
  },
  (started) => {
    ({ system, queues } = started);
  },
);

type Answering = (response: ServerResponse, phone: string) => void;

const allow: Answering = (response) => void response.end('{"allow":true}');
const refuse: Answering = (response) =>
  void response.end('{"allow":false,"reason":"known litigator Jo Sixpack"}');

/** The endpoint of a company, and the phones that it was asked about. */
async function endpoint(
  answering: Answering = allow,
): Promise<Receiver & { readonly phones: () => string[] }> {
  const started = await startReceiver((response, { body }) => answering(response, JSON.parse(body).phone));
  onTestFinished(() => started.stop());
  return Object.assign(started, {
    phones: () => started.requests.map(({ body }) => JSON.parse(body).phone),
  });
}

async function companyWith({ url }: Pick<Receiver, 'url'>, more: Partial<PhoneCheck> = {}): Promise<Company> {
  const company = await addCompany(system);
  await check(company, url, more);
  return company;
}

const check = ({ id }: Company, url: string, more: Partial<PhoneCheck> = {}) =>
  putPhoneCheck(system.database, id, {
    ...{ url, headers: null, timeoutMs: 4_000, cacheMs: 3_600_000, unanswered: 'refuse' },
    ...more,
  });

function send(
  company: Company,
  n: number,
  {
    headers = {},
    ingress = 0,
    name = `Lead ${n}`,
  }: { headers?: Record<string, string>; ingress?: number; name?: string } = {},
): Promise<Answer> {
  const { lead } = leadNumber(n);
  const body = { campaignId: company.campaignId, lead: { ...lead, firstName: name } };
  return untilAdmitted(() => post(system, body, { key: company.key, headers, ingress }), 1_000);
}

async function statusOf({ key }: Company, leadId: string) {
  const headers = { authorization: `Bearer ${key}` };
  return (await callIngress(system.ingresses[0]?.url ?? '', `/live-feed/leads/${leadId}`, { headers })).body;
}

const rowsOf = ({ id }: Company) => system.database.lead.findMany({ where: { companyId: id } });

const REFUSED = {
  status: 422,
  body: {
    success: false,
    code: 'PHONE_SUPPRESSED',
    retryable: false,
    leadId: expect.any(String),
    reason: 'known litigator Jo Sixpack',
  },
};

describe('a phone that is allowed', () => {
  test('is asked about in the documented form, and its lead is sent and says so', async () => {
    const to = await endpoint();
    const keyring = parseKeyring(system.environment['SEAL_KEYS'] ?? '');
    const company = await addCompany(system);
    const headers = keyring.seal('{"authorization":"Bearer of-the-company"}', {
      companyId: company.id,
      column: SEALED.phoneCheckHeaders,
    });
    await check(company, to.url, { headers });
    const answer = await send(company, 1);
    const leadId = leadIdOf(answer);
    expect([answer.status, await storedLeadIds(system, company)]).toEqual([200, [leadId]]);
    const [request] = to.requests;
    expect(JSON.parse(request?.body ?? '')).toEqual({ phone: '+15550000001', leadId });
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer of-the-company',
      'content-type': 'application/json',
      'user-agent': 'live-feed-phone-check',
    });
    const said = { result: 'allowed', at: expect.stringMatching(/^\d{4}-.*Z$/), cached: false };
    expect((await rowOf(system, leadId))?.phoneCheck).toEqual(said);
    expect((await statusOf(company, leadId)).phoneCheck).toEqual(said);
  });

  test('is not asked about again while the answer holds, at any ingress; a new URL forgets', async () => {
    const [to, other] = [await endpoint(), await endpoint(refuse)];
    const company = await companyWith(to);
    await send(company, 1);
    const again = await send(company, 1, { ingress: 1, name: 'Another' });
    expect((await rowOf(system, leadIdOf(again)))?.phoneCheck).toMatchObject({
      result: 'allowed',
      cached: true,
    });
    expect(to.phones()).toEqual(['+15550000001']);
    await check(company, other.url);
    await waitFor(async () => (await send(company, 1, { name: randomUUID() })).status === 422, {
      timeoutMs: 15_000,
    });
    expect(to.phones()).toHaveLength(1);
  });

  test('is kept without the phone, and asked about again once Redis has forgotten', async () => {
    const to = await endpoint();
    const company = await companyWith(to);
    await send(company, 1);
    const keys = await queues.redis.keys('{lf:check:*');
    const kept = await Promise.all(keys.map((key) => queues.redis.hgetall(key)));
    expect(kept.length).toBeGreaterThan(0);
    expect(JSON.stringify([keys, kept])).not.toContain('5550000001');
    await queues.redis.del(keys);
    await send(company, 1, { name: 'Another' });
    expect(to.phones()).toHaveLength(2);
  });

  test('of a company without a check nothing is asked, and nothing is said', async () => {
    const to = await endpoint(refuse);
    await companyWith(to);
    const other = await addCompany(system);
    const leadId = leadIdOf(await send(other, 1));
    expect((await rowOf(system, leadId))?.phoneCheck).toBeNull();
    expect(await statusOf(other, leadId)).not.toHaveProperty('phoneCheck');
    expect(to.requests).toEqual([]);
  });

  test('with a check that is switched off, leads go on without', async () => {
    const to = await endpoint(refuse);
    const company = await companyWith(to);
    expect((await send(company, 1)).status).toBe(422);
    await removePhoneCheck(system.database, company.id);
    await waitFor(async () => (await send(company, 1, { name: randomUUID() })).status === 200, {
      timeoutMs: 15_000,
    });
  });
});

describe('a phone that is refused', () => {
  test('its lead is 422 with the reason, leaves a row, and is not sent', async () => {
    const to = await endpoint(refuse);
    const company = await companyWith(to);
    const answer = await send(company, 1);
    expect(answer).toMatchObject(REFUSED);
    expect(await storedLeadIds(system, company)).toEqual([]);
    const row = await rowOf(system, answer.body.leadId);
    expect(row).toMatchObject({
      state: 'ABANDONED',
      reason: 'PHONE_SUPPRESSED',
      promised: false,
      attempt: 0,
    });
    expect(row?.phoneCheck).toEqual({
      ...{ result: 'refused', at: expect.any(String), cached: false, reason: expect.stringMatching(/^v1\./) },
    });
    const status = await statusOf(company, answer.body.leadId);
    expect(status).toMatchObject({ state: 'ABANDONED', outcome: 'PHONE_SUPPRESSED' });
    expect(status.phoneCheck).toMatchObject({ result: 'refused', reason: REFUSED.body.reason });
    const cached = await send(company, 1, { ingress: 1, name: 'Another' });
    expect(cached).toMatchObject(REFUSED);
    expect(to.phones()).toHaveLength(1);
    expect(lines.filter((line) => /Sixpack|5550000001/.test(line))).toEqual([]);
  });

  test('a refusal without a reason has none', async () => {
    const company = await companyWith(await endpoint((response) => void response.end('{"allow":false}')));
    const answer = await send(company, 1);
    expect([answer.status, answer.body.reason]).toEqual([422, null]);
  });

  test('its Idempotency-Key gets the same answer again, without a question or another row', async () => {
    const to = await endpoint(refuse);
    const company = await companyWith(to, { cacheMs: 0 });
    const headers = { 'idempotency-key': randomUUID() };
    const first = await send(company, 1, { headers });
    expect(first).toMatchObject(REFUSED);
    to.answer = (response) => void response.end('{"allow":true}');
    for (const ingress of [0, 1]) {
      const again = await send(company, 1, { headers, ingress });
      expect(again).toMatchObject({ ...REFUSED, body: { ...REFUSED.body, leadId: first.body.leadId } });
      expect(again.headers.get('idempotent-replayed')).toBe('true');
    }
    expect((await send(company, 2, { headers })).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect([(await rowsOf(company)).length, to.requests.length]).toEqual([1, 1]);
  });

  test('many at once with one Idempotency-Key leave one row', async () => {
    const company = await companyWith(await endpoint(refuse));
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => send(company, 1, { headers, ingress: n % 2 })),
    );
    const rows = await rowsOf(company);
    expect(rows).toHaveLength(1);
    for (const answer of answers)
      expect(answer).toMatchObject({ ...REFUSED, body: { ...REFUSED.body, leadId: rows[0]?.id } });
  });

  test('a repeated key whose lead was sent gets its answer, whatever is said of the phone now', async () => {
    const to = await endpoint();
    const company = await companyWith(to, { cacheMs: 0 });
    const headers = { 'idempotency-key': randomUUID() };
    const first = await send(company, 1, { headers });
    to.answer = (response) => refuse(response, '');
    const again = await send(company, 1, { headers });
    expect([again.status, leadIdOf(again), to.requests.length]).toEqual([200, leadIdOf(first), 1]);
    expect((await send(company, 1)).status).toBe(422);
  });

  test('of a batch fails alone; no more than 32 questions are under way', async () => {
    let [underWay, most] = [0, 0];
    const to = await endpoint((response, phone) => {
      underWay += 1;
      most = Math.max(most, underWay);
      setTimeout(() => {
        underWay -= 1;
        (phone.endsWith('7') ? refuse : allow)(response, phone);
      }, 20);
    });
    const company = await companyWith(to);
    const leads = Array.from({ length: 100 }, (_, n) => leadNumber(n, company.campaignId));
    const { body } = await callIngress(system.ingresses[0]?.url ?? '', '/live-feed/ringcx/batch', {
      method: 'POST',
      headers: { authorization: `Bearer ${company.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ leads }),
    });
    const statuses = body.results.map(({ status }: { status: number }) => status);
    expect(statuses).toEqual(leads.map((_, n) => (n % 10 === 7 ? 422 : 200)));
    expect(body.results[7]).toMatchObject({ code: 'PHONE_SUPPRESSED', reason: REFUSED.body.reason });
    expect(to.phones()).toHaveLength(100);
    expect(most).toBeLessThanOrEqual(32);
  });
});

test('a dry run asks, says what a lead would be told, and leaves nothing', async () => {
  const to = await endpoint((response, phone) => (phone.endsWith('2') ? refuse : allow)(response, phone));
  const company = await companyWith(to, { cacheMs: 0 });
  const headers = { prefer: 'handling=dry-run' };
  const allowed = await send(company, 1, { headers });
  expect([allowed.status, allowed.body]).toMatchObject([200, { dryRun: true }]);
  const { leadId: _none, ...told } = REFUSED.body as { leadId?: unknown };
  const refused = await send(company, 2, { headers });
  expect(refused).toMatchObject({ status: 422, body: { ...told, dryRun: true } });
  expect(to.phones()).toHaveLength(2);
  expect(await system.database.lead.count({ where: { companyId: company.id } })).toBe(0);
  expect(await storedLeadIds(system, company)).toEqual([]);
});

test('dry runs take no place of leads, whatever they hear of the endpoint', async () => {
  const held: ServerResponse[] = [];
  let hangs = true;
  const to = await endpoint((response, phone) => {
    if (phone.endsWith(leadNumber(1).lead.leadPhone)) allow(response, phone);
    else if (hangs) held.push(response);
    else response.destroy();
  });
  const company = await companyWith(to, { cacheMs: 0, timeoutMs: 5_000 });
  const leads = Array.from({ length: 300 }, (_, n) => leadNumber(n + 10, company.campaignId));
  const tried = callIngress(system.ingresses[0]?.url ?? '', '/live-feed/ringcx/batch?dryRun=true', {
    method: 'POST',
    headers: { authorization: `Bearer ${company.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ leads }),
  });
  await waitFor(() => held.length > 0, { what: 'a question of a dry run' });
  expect((await send(company, 1)).status).toBe(200);
  expect((await rowOf(system, (await storedLeadIds(system, company))[0] ?? ''))?.phoneCheck).toMatchObject({
    result: 'allowed',
  });
  hangs = false;
  for (const response of held) response.destroy();
  const { body } = await tried;
  expect(new Set(body.results.map(({ code }: { code: string }) => code))).toEqual(
    new Set(['PHONE_CHECK_UNAVAILABLE']),
  );
});

test('what a dry run is told is kept for no lead', async () => {
  const to = await endpoint();
  const company = await companyWith(to);
  expect((await send(company, 1, { headers: { prefer: 'handling=dry-run' } })).status).toBe(200);
  const answer = await send(company, 1);
  expect((await rowOf(system, leadIdOf(answer)))?.phoneCheck).toMatchObject({ cached: false });
  expect(to.phones()).toHaveLength(2);
});

test('all leads of a batch are asked about, though the endpoint takes its time', async () => {
  const to = await endpoint((response, phone) => void setTimeout(() => allow(response, phone), 250));
  const company = await companyWith(to, { unanswered: 'send', timeoutMs: 2_000 });
  const leads = Array.from({ length: 800 }, (_, n) => leadNumber(n + 10, company.campaignId));
  const { body } = await callIngress(system.ingresses[0]?.url ?? '', '/live-feed/ringcx/batch', {
    method: 'POST',
    headers: { authorization: `Bearer ${company.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ leads }),
  });
  expect(body.results.filter(({ status }: { status: number }) => status !== 200)).toEqual([]);
  const rows = await system.database.lead.findMany({ where: { companyId: company.id } });
  const checked = rows.map(({ phoneCheck }) => (phoneCheck as { result?: string } | null)?.result);
  expect(new Set(checked)).toEqual(new Set(['allowed']));
});

test('a request equal to one under way joins it, whatever is said of the phone now', async () => {
  const answers = [allow, (response: ServerResponse) => void response.writeHead(500).end(), refuse];
  const to = await endpoint((response, phone) => (answers.shift() ?? refuse)(response, phone));
  const company = await companyWith(to, { cacheMs: 0 });
  await misbehave(system, {
    rules: [{ on: 'upload', match: { campaignId: company.campaignId }, fault: { kind: 'delay', ms: 2_000 } }],
  });
  onTestFinished(() => misbehave(system, {}));
  const first = send(company, 1);
  await waitFor(async () => (await system.database.lead.count({ where: { companyId: company.id } })) === 1, {
    what: 'the first lead on its way',
  });
  const [second, third] = await Promise.all([send(company, 1), send(company, 1)]);
  expect([second.status, third.status]).toEqual([200, 200]);
  expect(await storedLeadIds(system, company)).toEqual([(await first).headers.get('x-lead-id')]);
});

test('a lead that was joined so is not given back any more', async () => {
  const to = await endpoint();
  const company = await companyWith(to, { cacheMs: 0 });
  const queue = await queues.of(company);
  await queue.pause();
  const headers = { prefer: 'respond-async' };
  const [joined, alone] = [
    leadIdOf(await send(company, 1, { headers })),
    leadIdOf(await send(company, 2, { headers })),
  ];
  to.answer = (response) => void response.writeHead(500).end();
  expect(leadIdOf(await send(company, 1, { headers, ingress: 1 }))).toBe(joined);
  expect(to.requests).toHaveLength(2);
  const jobs = await queue.getJobs();
  const withdrawn = async (leadId: string) =>
    queues.producer.withdraw(jobs.find(({ id }) => id === leadId)?.data, true);
  expect([await withdrawn(joined), await withdrawn(alone)]).toEqual([false, true]);
  await queue.resume();
});

test('of a hundred leads of one phone at once one is asked about', async () => {
  const to = await endpoint();
  const company = await companyWith(to);
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) => send(company, 1, { name: `Lead ${n}` })),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(to.phones()).toEqual(['+15550000001']);
});

const UNANSWERED = {
  status: 503,
  body: { success: false, code: 'PHONE_CHECK_UNAVAILABLE', retryable: true, retryAfterSeconds: 5 },
};

describe('an endpoint that does not answer', () => {
  const faults: [string, Answering][] = [
    ['hangs', () => {}],
    [
      'drips',
      (response) => {
        response.write('{"allow":');
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      },
    ],
    [
      'sends far too much',
      (response) => void response.end(`{"allow":true,"more":"${'x'.repeat(1_000_000)}"}`),
    ],
    ['fails', (response) => void response.writeHead(500).end('{"allow":true}')],
    ['sends elsewhere', (response) => void response.writeHead(307, { location: '/elsewhere' }).end()],
    ['hangs up', (response) => void response.destroy()],
    ['says something else', (response) => void response.end('{"allowed":true}')],
  ];

  test.each(faults)(
    'that %s: the lead is refused, nothing is taken; or it is sent, and says so',
    async (_, fault) => {
      const to = await endpoint(fault);
      const [strict, lenient] = [
        await companyWith(to, { timeoutMs: 300 }),
        await companyWith(to, { timeoutMs: 300, unanswered: 'send' }),
      ];
      const refused = await send(strict, 1, { headers: { 'idempotency-key': randomUUID() } });
      expect(refused).toMatchObject(UNANSWERED);
      expect(refused.headers.get('retry-after')).toBe('5');
      expect(await rowsOf(strict)).toEqual([]);
      const sent = await send(lenient, 1);
      expect(sent.status).toBe(200);
      expect((await rowOf(system, leadIdOf(sent)))?.phoneCheck).toMatchObject({ result: 'unanswered' });
      expect(new Set(to.requests.map(({ path }) => path))).toEqual(new Set(['/hooks']));
    },
  );

  test('a private address is refused unless it is allowed: nothing arrives there', async () => {
    const to = await endpoint();
    const company = await companyWith(to);
    const strict = await system.addIngress({ WEBHOOK_ALLOW_PRIVATE: 'false' });
    const answer = await untilAdmitted(() =>
      post(system, leadNumber(1, company.campaignId), { key: company.key, ingress: strict }),
    );
    expect([answer, to.requests]).toMatchObject([UNANSWERED, []]);
  });

  test('holds up its own company’s leads only, is soon not asked any more, and then again', async () => {
    const to = await endpoint(() => {});
    const [hanging, other] = [
      await companyWith(to, { timeoutMs: 5_000, unanswered: 'send' }),
      await companyWith(await endpoint()),
    ];
    const ended: string[] = [];
    const sent = (company: Company, n: number) =>
      send(company, n).then((answer) => {
        ended.push(company.id);
        return answer;
      });
    const theirs = Array.from({ length: 80 }, (_, n) => sent(hanging, n));
    await waitFor(() => to.requests.length >= 32);
    const others = await Promise.all(Array.from({ length: 20 }, (_, n) => sent(other, n)));
    expect(new Set(ended)).toEqual(new Set([other.id]));
    expect(new Set([...others, ...(await Promise.all(theirs))].map(({ status }) => status))).toEqual(
      new Set([200]),
    );
    // Those in line were not asked about.
    expect(to.requests.length).toBeLessThan(40);
    const line = lines.find((each) => each.includes('is not asked for a while') && each.includes(hanging.id));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      level: 'warn',
      why: 'no response within 5 s',
      unanswered: 'send',
    });
    const { metricsUrl = '' } = system.ingresses[0] ?? {};
    expect((await scrape(metricsUrl)).get('live_feed_phone_checks_unavailable')).toBeGreaterThan(0);

    to.answer = (response) => allow(response, '');
    await waitFor(
      async () => {
        const answer = await send(hanging, 1_000, { name: randomUUID() });
        const { phoneCheck } = (await rowOf(system, leadIdOf(answer))) ?? {};
        return (phoneCheck as { result?: string } | null)?.result === 'allowed';
      },
      { timeoutMs: 30_000, everyMs: 500 },
    );
    expect(lines.some((each) => each.includes('answers again') && each.includes(hanging.id))).toBe(true);
  });
});
