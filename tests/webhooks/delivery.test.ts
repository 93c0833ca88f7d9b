import { parseKeyring } from '@live-feed/core/crypto/sealing';
import { addWebhook } from '@live-feed/database/webhooks/webhooks';
import { closeRedis, connectRedis, whenReady } from '@live-feed/queue/redis/redis';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { callIngress, leadNumber, misbehave, post } from '../kit/http/client.ts';
import { scrape, series } from '../kit/http/scrape.ts';
import { leadIdOf, submit } from '../kit/leads/lead-effects.ts';
import { adminOf } from '../kit/processes/admin.ts';
import { addCompany, type Company } from '../kit/system/company.ts';
import type { System } from '../kit/system/system.ts';
import { useSystem } from '../kit/system/use-system.ts';
import { waitFor } from '../kit/wait-for.ts';
import { addEndpoint, type Endpoint, hurry, rest } from '../kit/webhooks/endpoints.ts';
import { answerWith, eventsOf, type Receiver, startReceiver, verified } from '../kit/webhooks/receiver.ts';

/** Webhooks of real leads, to real servers over HTTP. */

let system: System;
const lines: string[] = [];
const admin = adminOf(() => system.environment);

const { redis } = useSystem(
  {
    workers: 2,
    environment: { WEBHOOK_ALLOW_PRIVATE: 'true' },
    onLog: (line) => void lines.push(line),
  },
  (started) => {
    ({ system } = started);
  },
);

async function receiver(...args: Parameters<typeof startReceiver>): Promise<Receiver> {
  const started = await startReceiver(...args);
  onTestFinished(() => started.stop());
  return started;
}

const arrived = (to: Receiver, count = 1) =>
  waitFor(() => to.requests.length >= count && to.requests, { what: `${count} deliveries` });

const waitingFor = ({ id }: Endpoint) => system.database.webhookEvent.count({ where: { webhookId: id } });

/** The events that were delivered are removed. */
const settled = (endpoint: Endpoint) =>
  waitFor(async () => (await waitingFor(endpoint)) === 0, { what: 'an empty outbox' });

const stateOf = ({ id }: Endpoint) => system.database.webhook.findUniqueOrThrow({ where: { id } });

async function lead(company: Company, n: number): Promise<string> {
  const answer = await submit(system, company, n);
  expect(answer.status).toBe(200);
  return leadIdOf(answer);
}

async function statusOf({ key }: Company, leadId: string) {
  const { url = '' } = system.ingresses[0] ?? {};
  const headers = { authorization: `Bearer ${key}` };
  return (await callIngress(url, `/live-feed/leads/${leadId}`, { headers })).body;
}

describe('a delivery', () => {
  test('is signed, and has the body of the status endpoint', async () => {
    const company = await addCompany(system);
    const to = await receiver();
    const endpoint = await addEndpoint(system, company, to.url);
    const leadId = await lead(company, 1);
    const [request] = await arrived(to);
    if (request === undefined) throw new Error('Nothing arrived.');
    const event = verified(request, endpoint.secret);
    expect(() => verified(request, 'whsec_c2VjcmV0IG9mIHNvbWVib2R5IGVsc2U=')).toThrow(
      'No matching signature',
    );
    expect(event).toEqual({
      id: request.headers['webhook-id'],
      type: 'lead.accepted',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      data: await statusOf(company, leadId),
    });
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'live-feed-webhooks',
    });
    expect(request.body).not.toContain('5550000001');
    await settled(endpoint);
    expect(to.requests).toHaveLength(1);
  });

  test('carries the company’s own headers, which are stored sealed', async () => {
    const company = await addCompany(system);
    const to = await receiver();
    const added = await admin(['webhook', 'add', company.id, to.url, '--headers-file', '-', '--json'], {
      stdin: 'Authorization: Bearer of-the-company\nX-Tenant: 7\n',
    });
    const { headers } = await stateOf(added.data);
    expect(headers).toMatch(/^v1\.k1\./);
    await lead(company, 1);
    const [request] = await arrived(to);
    expect(request?.headers).toMatchObject({ authorization: 'Bearer of-the-company', 'x-tenant': '7' });
  });

  test('tells each endpoint what it wants, in the order in which it happened', async () => {
    const company = await addCompany(system);
    const [all, rejected] = [await receiver(), await receiver()];
    await addEndpoint(system, company, all.url);
    await addEndpoint(system, company, rejected.url, ['--events', 'lead.rejected,lead.failed']);
    const first = await lead(company, 1);
    const { campaignId } = company;
    const fault = { kind: 'reject', message: 'refused', row: 'full' };
    await misbehave(system, { rules: [{ on: 'upload', match: { campaignId }, times: 1, fault }] });
    expect((await submit(system, company, 2)).status).toBe(502);
    await arrived(all, 2);
    await arrived(rejected);
    expect(eventsOf(all.requests).map(({ type }) => type)).toEqual(['lead.accepted', 'lead.rejected']);
    expect(eventsOf(all.requests)[0]?.data.leadId).toBe(first);
    expect(eventsOf(rejected.requests)).toMatchObject([
      { type: 'lead.rejected', data: { state: 'REJECTED', outcome: 'DIALER_REJECTED' } },
    ]);
  });
});

describe('a list', () => {
  test('has all that waits, under one id, and is signed', async () => {
    const company = await addCompany(system);
    const to = await receiver();
    const endpoint = await addEndpoint(system, company, to.url, ['--max-events', '100']);
    await rest(system, endpoint);
    const ids = [await lead(company, 1), await lead(company, 2), await lead(company, 3)];
    await hurry(system, endpoint);
    const [request] = await arrived(to);
    if (request === undefined) throw new Error('Nothing arrived.');
    expect(verified(request, endpoint.secret)).toMatchObject({ type: 'batch' });
    const events = eventsOf([request]);
    expect(events.map(({ data }) => data.leadId)).toEqual(ids);
    expect(new Set([...events.map(({ id }) => id), request.headers['webhook-id']]).size).toBe(4);
    await settled(endpoint);
    expect(to.requests).toHaveLength(1);
  });

  test('that fails is repeated as it was; what came since is another', async () => {
    const company = await addCompany(system);
    const to = await receiver(answerWith(503));
    const endpoint = await addEndpoint(system, company, to.url, ['--max-events', '100']);
    await rest(system, endpoint);
    const early = [await lead(company, 1), await lead(company, 2)];
    await hurry(system, endpoint);
    await arrived(to);
    await waitFor(async () => (await stateOf(endpoint)).failures === 1);
    const late = await lead(company, 3);
    to.answer = answerWith(200);
    await hurry(system, endpoint);
    await settled(endpoint);
    const lists = to.requests.map((request) => [
      request.headers['webhook-id'],
      eventsOf([request]).map(({ data }) => data.leadId),
    ]);
    const [failed, ...rest_] = lists;
    expect(lists).toHaveLength(3);
    expect(failed?.[1]).toEqual(early);
    expect(rest_).toContainEqual(failed);
    expect(rest_).toContainEqual([expect.not.stringMatching(String(failed?.[0])), [late]]);
  });

  test('with an event that the endpoint refuses is taken apart: the others are delivered', async () => {
    const company = await addCompany(system);
    let poison = '';
    const to = await receiver((response, { body }) =>
      answerWith(body.includes(poison) ? 400 : 200)(response, { path: '', headers: {}, body }),
    );
    const endpoint = await addEndpoint(system, company, to.url, ['--max-events', '100']);
    await rest(system, endpoint);
    const ids = [await lead(company, 1), await lead(company, 2), await lead(company, 3)];
    poison = ids[1] ?? '';
    await hurry(system, endpoint);
    await waitFor(async () => {
      await hurry(system, endpoint);
      return (await waitingFor(endpoint)) === 1;
    });
    const left = await system.database.webhookEvent.findMany({ where: { webhookId: endpoint.id } });
    expect(left.map(({ leadId }) => leadId)).toEqual([poison]);
  });
});

describe('an endpoint that fails', () => {
  test('gets the same event again, under the same id', async () => {
    const company = await addCompany(system);
    const to = await receiver(answerWith(500));
    const endpoint = await addEndpoint(system, company, to.url);
    await lead(company, 1);
    await arrived(to);
    await waitFor(async () => (await stateOf(endpoint)).failures === 1);
    expect(await stateOf(endpoint)).toMatchObject({ lastResult: 'HTTP 500', failingSince: expect.any(Date) });
    to.answer = answerWith(200);
    await hurry(system, endpoint);
    await settled(endpoint);
    const [first, second] = to.requests;
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
    await waitFor(async () => (await stateOf(endpoint)).failures === 0);
    expect(await stateOf(endpoint)).toMatchObject({ failingSince: null, lastResult: 'HTTP 200' });
  });

  test('heeds Retry-After', async () => {
    const company = await addCompany(system);
    const to = await receiver(answerWith(429, { 'retry-after': '1800' }));
    const endpoint = await addEndpoint(system, company, to.url);
    await lead(company, 1);
    const { restsUntil } = await waitFor(async () => {
      const state = await stateOf(endpoint);
      return state.restsUntil !== null && state;
    });
    expect((restsUntil?.getTime() ?? 0) - Date.now()).toBeGreaterThan(1_500_000);
  });

  test('is off at once if it says that it is gone; its events stay, and redeliver brings them', async () => {
    const company = await addCompany(system);
    const to = await receiver(answerWith(410));
    const endpoint = await addEndpoint(system, company, to.url);
    const before = await lead(company, 1);
    await waitFor(async () => (await stateOf(endpoint)).disabledWhy === 'GONE');
    const listed = await admin(['webhook', 'list', company.id]);
    expect(listed.out).toMatch(/off since \S+ \(GONE\) +HTTP 410/);
    expect(lines.filter((line) => line.includes(endpoint.id)).join('\n')).toContain(
      'a webhook is switched off',
    );
    const meanwhile = await lead(company, 2);
    expect(await waitingFor(endpoint)).toBe(1);
    to.answer = answerWith(200);
    const redelivered = await admin(['webhook', 'redeliver', endpoint.id, '--since', '1h']);
    expect(redelivered.out).toMatch(
      /^2 events will be delivered to .*, 1 of them written again\. The webhook is on again\./,
    );
    await settled(endpoint);
    const ids = eventsOf(to.requests.slice(1)).map(({ data }) => data.leadId);
    expect(ids.toSorted()).toEqual([before, meanwhile].toSorted());
  });

  test('is switched off after a day, and ops are told; an event is given up after a day', async () => {
    const company = await addCompany(system);
    const to = await receiver(answerWith(500));
    const endpoint = await addEndpoint(system, company, to.url);
    const switchedOff = async () => {
      const counts = await Promise.all(
        system.workers.map(async ({ metricsUrl }) =>
          (await scrape(metricsUrl)).get(series('live_feed_webhooks_switched_off_total', { why: 'FAILING' })),
        ),
      );
      return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
    };
    const before = await switchedOff();
    await lead(company, 1);
    await waitFor(async () => (await stateOf(endpoint)).failures === 1);
    const yesterday = new Date(Date.now() - 25 * 3_600_000);
    await system.database.webhook.update({ where: { id: endpoint.id }, data: { failingSince: yesterday } });
    await system.database.webhookEvent.updateMany({
      where: { webhookId: endpoint.id },
      data: { createdAt: yesterday },
    });
    await hurry(system, endpoint);
    await waitFor(async () => (await stateOf(endpoint)).disabledWhy === 'FAILING');
    expect(await switchedOff()).toBe(before + 1);
    const [event] = await system.database.webhookEvent.findMany({ where: { webhookId: endpoint.id } });
    expect(event).toMatchObject({ attempt: 2, dueAt: null });
    to.answer = answerWith(200);
    await admin(['webhook', 'redeliver', endpoint.id]);
    await settled(endpoint);
  });
});

describe('an endpoint that misbehaves', () => {
  test('holds up no other endpoint and no lead while it hangs, sends too much or resets', async () => {
    const company = await addCompany(system);
    const other = await addCompany(system);
    const hanging = await receiver(() => undefined);
    const huge = await receiver((response) => {
      response.writeHead(200, { 'content-length': '10000000000' });
      response.write('x'.repeat(100_000));
    });
    const resetting = await receiver((response) => response.socket?.resetAndDestroy());
    for (const { url } of [hanging, huge]) await addEndpoint(system, company, url);
    await addEndpoint(system, other, resetting.url);
    const good = [await receiver(), await receiver()] as const;
    await addEndpoint(system, company, good[0].url);
    await addEndpoint(system, other, good[1].url);

    await Promise.all([lead(company, 1), lead(other, 1)]);
    await arrived(hanging);
    // The first delivery is not answered yet, and more leads and their events pass by it.
    await Promise.all([2, 3, 4].flatMap((n) => [lead(company, n), lead(other, n)]));
    for (const each of good) await arrived(each, 4);
    expect(hanging.requests).toHaveLength(1);
    await arrived(huge, 4);
  });
});

describe('secrets', () => {
  test('both sign while they are rotated, then only the new one', async () => {
    const company = await addCompany(system);
    const to = await receiver();
    const endpoint = await addEndpoint(system, company, to.url);
    const rotated = await admin(['webhook', 'rotate', endpoint.id, '--overlap', '2h', '--json']);
    const { secret } = rotated.data;
    expect(secret).not.toBe(endpoint.secret);
    await lead(company, 1);
    const [during] = await arrived(to);
    if (during === undefined) throw new Error('Nothing arrived.');
    for (const each of [endpoint.secret, secret]) expect(verified(during, each).type).toBe('lead.accepted');
    await system.database.webhook.update({
      where: { id: endpoint.id },
      data: { oldSecretUntil: new Date(0) },
    });
    await lead(company, 2);
    const [, after] = await arrived(to, 2);
    if (after === undefined) throw new Error('Nothing arrived.');
    expect(verified(after, secret).type).toBe('lead.accepted');
    expect(() => verified(after, endpoint.secret)).toThrow('No matching signature');
  });

  test('none is in the table, or in a log', async () => {
    const company = await addCompany(system);
    const endpoint = await addEndpoint(system, company, 'http://127.0.0.1:1/?token=in-the-url');
    await lead(company, 1);
    await waitFor(async () => (await stateOf(endpoint)).lastResult === 'connection refused');
    const row = JSON.stringify(await stateOf(endpoint));
    expect(row).not.toContain(endpoint.secret);
    expect(lines.join('\n')).not.toContain(endpoint.secret);
    expect(lines.join('\n')).not.toContain('in-the-url');
  });
});

test('what waits is delivered after Redis has lost everything', async () => {
  const company = await addCompany(system);
  const to = await receiver();
  const endpoint = await addEndpoint(system, company, to.url);
  await rest(system, endpoint);
  await lead(company, 1);
  const client = connectRedis(redis.url, 'requests', () => undefined);
  await whenReady(client, 10_000);
  await client.flushall();
  await closeRedis(client);
  await hurry(system, endpoint);
  await arrived(to);
  await settled(endpoint);
});

test('an endpoint whose secret cannot be decrypted rests, and its events stay', async () => {
  const company = await addCompany(system);
  const to = await receiver();
  const endpoint = await addEndpoint(system, company, to.url);
  const { secret } = await stateOf(endpoint);
  await system.database.webhook.update({ where: { id: endpoint.id }, data: { secret: 'v1.lost.a.b.c' } });
  await lead(company, 1);
  await waitFor(async () => (await stateOf(endpoint)).lastResult === 'a fault of Live Feed, see its log');
  expect(await waitingFor(endpoint)).toBe(1);
  await system.database.webhook.update({ where: { id: endpoint.id }, data: { secret } });
  await hurry(system, endpoint);
  await settled(endpoint);
  expect(to.requests).toHaveLength(1);
});

describe('dialer.held and dialer.released', () => {
  test('are told of an operator’s hold and its end', async () => {
    const company = await addCompany(system);
    const to = await receiver();
    const endpoint = await addEndpoint(system, company, to.url, ['--events', 'dialer.held,dialer.released']);
    await admin(['dialer', 'hold', company.id, '--for', '1h', '--reason', 'a secret of ours']);
    await arrived(to);
    await admin(['dialer', 'release', company.id]);
    await arrived(to, 2);
    await settled(endpoint);
    const { dialerId } = company;
    expect(eventsOf(to.requests)).toMatchObject([
      { type: 'dialer.held', data: { dialerId, reason: 'ops', heldUntil: expect.any(String) } },
      { type: 'dialer.released', data: { dialerId } },
    ]);
    expect(to.requests.map(({ body }) => body).join()).not.toContain('a secret of ours');
  });
});

describe('where private addresses are not allowed', () => {
  let strict: System;
  useSystem({}, (started) => {
    ({ system: strict } = started);
  });

  let to: Receiver;
  beforeAll(async () => {
    to = await startReceiver();
  });
  afterAll(() => to.stop());

  test('nothing is sent to them, and leads go on', async () => {
    const company = await addCompany(strict);
    const refused = await adminOf(() => strict.environment)(['webhook', 'add', company.id, to.url]);
    expect([refused.code, refused.err]).toEqual([
      1,
      'The URL must begin with https://. Nothing was changed.\n',
    ]);
    const { SEAL_KEYS = '' } = strict.environment;
    const secret = parseKeyring(SEAL_KEYS).seal('whsec_c2VjcmV0IG9mIHNvbWVib2R5IGVsc2U=', {
      companyId: company.id,
      column: 'webhooks.secret',
    });
    // As if it had got past the command line.
    for (const url of [
      to.url,
      to.url.replace('http:', 'https:'),
      to.url.replace('http://127.0.0.1', 'https://localhost'),
    ]) {
      await addWebhook(strict.database, company.id, { url, events: [], maxEvents: 1, headers: null }, secret);
    }
    expect((await post(strict, leadNumber(1, company.campaignId), { key: company.key })).status).toBe(200);
    await waitFor(async () => {
      const rows = await strict.database.webhook.findMany({ where: { companyId: company.id } });
      return rows.every(({ failures }) => failures > 0);
    });
    expect(to.requests).toEqual([]);
  });
});
