import { buildConsole } from '@live-feed/console/console';
import { createConsoleMetrics } from '@live-feed/console/console-metrics';
import { boardName } from '@live-feed/console/queues/board-name';
import { isPermitted } from '@live-feed/console/queues/permitted-routes';
import { isReading } from '@live-feed/console/sign-in/access';
import { installedRoutes } from '@live-feed/console/testing/installed-routes';
import { newId } from '@live-feed/core/ids';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { listAuditEntries } from '@live-feed/database/audit/audit-log';
import type { Database } from '@live-feed/database/connection/client';
import { createLeadProducer, type LeadProducer } from '@live-feed/queue/jobs/lead-producer';
import { openLeadSource, type TakenJob } from '@live-feed/queue/jobs/lead-source';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { createLogger } from '@live-feed/runtime/logging/logger';
import { createMetrics } from '@live-feed/runtime/monitoring/metrics';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addTestPerson, type Console, signIn } from '../kit/console/people.ts';
import { testResources } from '../kit/console/resources.ts';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { waitFor } from '../kit/wait-for.ts';

type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';

const operator = { name: 'ops', password: 'correct horse battery' };
const viewer = { name: 'eyes', password: 'staple of the viewers' };
const ofOne = { name: 'one', password: 'of a single company' };
const lines: string[] = [];
const logger = createLogger({
  name: 'console-test',
  level: 'info',
  destination: { write: (line) => void lines.push(line) },
});

const postgres = useDatabase();
const redisServer = useRedis();

let database: Database;
let requests: Redis;
let jobs: Redis;
let producer: LeadProducer;
let console: Console;
const cookies = new Map<object, string>();

beforeAll(async () => {
  database = connectDatabase(postgres.url);
  requests = connectRedis(redisServer.url, 'requests', () => {});
  jobs = connectRedis(redisServer.url, 'jobs', () => {});
  await whenReady(requests, 10_000);
  producer = createLeadProducer(jobs, fail);
  console = await buildConsole({
    resources: testResources(database, requests),
    redis: requests,
    logger,
    metrics: createConsoleMetrics(createMetrics()),
    refreshMs: 20,
    standingMaxAgeMs: 0,
  });
  await console.ready();
  const companyId = newId();
  await database.company.create({ data: { id: companyId, name: 'The One' } });
  await addTestPerson(database, operator, 'operator');
  await addTestPerson(database, viewer, 'viewer');
  await addTestPerson(database, ofOne, 'admin', companyId);
  for (const person of [operator, viewer, ofOne]) cookies.set(person, (await signIn(console, person)).cookie);
});

afterAll(async () => {
  await console?.close();
  await producer?.close();
  await Promise.all([requests, jobs].map((redis) => redis && closeRedis(redis)));
  await database?.$disconnect();
});

function fail(error: unknown): never {
  throw error;
}

/** What the board calls a dialer's queue, by the dialer's id. */
const names = new Map<string, string>();

/** @param path with dialers' ids, which the board does not know */
function ask(method: Method, path: string, person = operator, headers: Record<string, string> = {}) {
  const cookie = cookies.get(person) ?? '';
  const url = [...names].reduce(
    (text, [dialerId, name]) => text.replaceAll(dialerId, encodeURIComponent(name)),
    `/queues${path}`,
  );
  return console.inject({ method, url, headers: { cookie, ...headers } });
}

async function createDialer(companyName: string): Promise<string> {
  const companyId = newId();
  const id = newId();
  await database.company.create({ data: { id: companyId, name: companyName } });
  await database.dialer.create({
    data: { id, companyId, family: 'ringcx', baseUrl: 'http://127.0.0.1:9', accountId: '15300001' },
  });
  const place = { baseUrl: 'http://127.0.0.1:9', accountId: '15300001' };
  names.set(id, boardName({ dialerId: id, companyId, companyName, family: 'ringcx', ...place }));
  return id;
}

function leadJob(dialerId: string): LeadJob {
  const nowMs = Date.now();
  return {
    v: 1,
    leadId: newId(),
    companyId: newId(),
    dialerId,
    campaignId: '70123',
    payload: 'v1.k1.sealed-payload-of-the-lead',
    phoneDigest: 'digest-of-the-phone',
    phoneLast2: '67',
    replyTo: 'lf:completions:somebody',
    receivedAtMs: nowMs,
    deadlineMs: nowMs + 25_000,
    expiresAtMs: nowMs + 86_400_000,
  };
}

async function addLead(dialerId: string): Promise<string> {
  const job = leadJob(dialerId);
  await producer.add(job);
  return job.leadId;
}

/** Takes the one lead that waits, as a worker does, and decides over it. */
async function work(dialerId: string, decide: (lead: TakenJob) => void): Promise<void> {
  const source = await openLeadSource({ redis: jobs, dialerId, lockMs: 8_000, onError: fail });
  const leads = await source.take(1);
  expect(leads).toHaveLength(1);
  leads.forEach(decide);
  await source.close();
}

interface ShownQueue {
  readonly name: string;
  readonly description?: string;
  readonly isPaused: boolean;
}

async function shownQueues(): Promise<ShownQueue[]> {
  return (await ask('GET', '/api/queues')).json<{ queues: ShownQueue[] }>().queues;
}

function appears(dialerId: string): Promise<ShownQueue> {
  return waitFor(async () => (await shownQueues()).find(({ name }) => name === names.get(dialerId)), {
    what: 'the queue on the board',
  });
}

async function stateOf(dialerId: string, leadId: string): Promise<string> {
  return (await ask('GET', `/api/queues/${dialerId}/${leadId}`)).json<{ status: string }>().status;
}

test('who is signed in gets the pages and their files', async () => {
  const page = await ask('GET', '/');
  expect(page.statusCode).toBe(200);
  expect(page.body).toContain('<title>Live Feed</title>');
  expect((await ask('GET', '/static/favicon.ico')).statusCode).toBe(200);
});

test('who may see one company sees nothing of it: it shows all', async () => {
  await createDialer('Of Others');
  for (const path of ['/', '/api/queues', '/static/favicon.ico'])
    expect((await ask('GET', path, ofOne)).statusCode).toBe(403);
});

test('its pages may load nothing from elsewhere, nor be framed', async () => {
  const { headers } = await ask('GET', '/');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
});

test('shows a queue as its dialer appears, and no longer when it is gone', async () => {
  const dialerId = await createDialer('Comes and Goes');
  expect(await appears(dialerId)).toMatchObject({ name: 'Comes and Goes (ringcx)', isPaused: false });
  await database.dialer.delete({ where: { id: dialerId } });
  await waitFor(async () => (await shownQueues()).every(({ name }) => name !== names.get(dialerId)));
  expect((await ask('PUT', `/api/queues/${dialerId}/pause`)).statusCode).toBe(404);
});

test('says why a dialer is held, and until when', async () => {
  const id = await createDialer('Held');
  const dialer = await database.dialer.findUniqueOrThrow({ where: { id } });
  await appears(id);
  const health = createDialerHealth(jobs);
  await health.failed(dialerAddress(dialer), 'token_refused');
  await health.throttled(dialerAddress(dialer), 60_000);
  const description = await waitFor(async () => (await appears(id)).description, { what: 'the description' });
  expect(description).toMatch(/^HELD until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: the dialing system /);
});

test('asks how dialers stand only when somebody looks', async () => {
  const monitor = await jobs.monitor();
  const seen: string[][] = [];
  monitor.on('monitor', (_time: string, command: string[]) => seen.push(command));
  const asked = () => seen.filter((command) => command.some((part) => part.includes('{lf:account:')));
  try {
    // It has looked for dialers again when it has opened another one's queue.
    for (const name of ['Unseen One', 'Unseen Two', 'Unseen Three']) {
      seen.length = 0;
      await createDialer(name);
      await waitFor(() => seen.some(([command]) => command?.toLowerCase() === 'info'), { what: name });
      expect(asked()).toEqual([]);
    }
    await shownQueues();
    await waitFor(() => asked().length > 0, { what: 'a look at how the dialers stand' });
  } finally {
    monitor.disconnect();
  }
});

describe('what it may change', () => {
  let dialerId: string;

  beforeAll(async () => {
    dialerId = await createDialer('May Change');
    await appears(dialerId);
  });

  test('pauses and resumes the queue that workers take from', async () => {
    expect((await ask('PUT', `/api/queues/${dialerId}/pause`)).statusCode).toBe(200);
    expect(await appears(dialerId)).toMatchObject({ isPaused: true });
    await addLead(dialerId);
    expect((await ask('PUT', '/api/queues/resume')).statusCode).toBe(200);
    expect(await appears(dialerId)).toMatchObject({ isPaused: false });
    const recorded = async () =>
      (await listAuditEntries(database, { operation: 'queue.', limit: 2 })).map(({ end, ...entry }) => ({
        ...entry,
        ...end,
      }));
    await waitFor(async () => (await recorded()).every(({ outcome }) => outcome === 'done'), {
      what: 'both changes in the audit log',
    });
    expect(await recorded()).toMatchObject([
      { operation: 'queue.resume', actor: operator.name, via: 'console', target: 'all queues' },
      {
        operation: 'queue.pause',
        actor: operator.name,
        role: 'operator',
        input: { queueName: expect.any(String) },
      },
    ]);
    await work(dialerId, (lead) => lead.finish('ACCEPTED'));
  });

  test('promotes a lead that waits for its next attempt', async () => {
    const leadId = await addLead(dialerId);
    await work(dialerId, (lead) => lead.retry(3_600_000));
    expect(await stateOf(dialerId, leadId)).toBe('delayed');
    expect((await ask('PUT', `/api/queues/${dialerId}/${leadId}/promote`)).statusCode).toBe(204);
    expect(await stateOf(dialerId, leadId)).toBe('waiting');
    await work(dialerId, (lead) => lead.finish('ACCEPTED'));
  });

  test('has a lead that is done looked at again', async () => {
    const leadId = await addLead(dialerId);
    await work(dialerId, (lead) => lead.finish('ACCEPTED'));
    expect(await stateOf(dialerId, leadId)).toBe('completed');
    expect((await ask('PUT', `/api/queues/${dialerId}/${leadId}/retry`)).statusCode).toBe(204);
    expect(await stateOf(dialerId, leadId)).toBe('waiting');
    await work(dialerId, (lead) => lead.finish('ACCEPTED'));
  });

  test('logs who changed what', async () => {
    lines.length = 0;
    await ask('PUT', `/api/queues/${dialerId}/resume`);
    const line = lines.map((text) => JSON.parse(text)).find(({ msg }) => msg === 'a change was requested');
    expect(line).toMatchObject({ role: 'operator', method: 'PUT', status: 200 });
    expect(line.url).toBe(`/queues/api/queues/${encodeURIComponent(names.get(dialerId) ?? '')}/resume`);
  });

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another origin', { origin: 'https://evil.example' }],
  ])('not when %s asks for it with its visitor’s session', async (_case, headers) => {
    expect((await ask('PUT', `/api/queues/${dialerId}/pause`, operator, headers)).statusCode).toBe(403);
    expect(await appears(dialerId)).toMatchObject({ isPaused: false });
  });

  test('leaves the length of the event stream as the producers set it', async () => {
    expect(await jobs.hget(`{lf:${dialerId}}:${dialerId}:meta`, 'opts.maxLenEvents')).toBe('100');
  });
});

/** A path of Bull Board's with everything in it that there is. */
function urlOf(path: string, dialerId: string, leadId: string): string {
  return path
    .replace(':queueName', dialerId)
    .replace(':jobId', leadId)
    .replace(':schedulerId', 'scheduler')
    .replace(':queueStatus', 'wait');
}

test('loads nothing from elsewhere, and leads back to the console', async () => {
  const { body } = await ask('GET', '/');
  expect(body).not.toMatch(/(?:href|src)="https?:/);
  expect(body).toMatch(/<link href="\/assets\/[0-9a-f]{16}-queues\.css" rel="stylesheet"><\/head>/);
  expect(body).toContain('"miscLinks":[{"text":"Console","url":"/"}]');
});

test('shows a viewer no buttons, and an operator some', async () => {
  const dialerId = await createDialer('Buttons');
  await appears(dialerId);
  const shownTo = async (person: typeof viewer) =>
    (await ask('GET', '/api/queues', person)).json<{ queues: object[] }>().queues;
  for (const queue of await shownTo(viewer))
    expect(queue).toMatchObject({ readOnlyMode: true, allowRetries: false });
  for (const queue of await shownTo(operator)) expect(queue).toMatchObject({ readOnlyMode: false });
});

describe('a viewer', () => {
  let dialerId: string;
  let leadId: string;

  beforeAll(async () => {
    dialerId = await createDialer('Looked At');
    leadId = await addLead(dialerId);
    await appears(dialerId);
  });

  test.each(installedRoutes())('$method $path: looks, and changes nothing', async ({ method, path }) => {
    const url = urlOf(path, dialerId, leadId);
    const [seen, allowed] = [await ask(method as Method, url, viewer), await ask(method as Method, url)];
    if (isReading(method)) expect(seen.statusCode).toBe(allowed.statusCode);
    else expect(seen.statusCode).toBe(403);
  });
});

describe('what it may not change', () => {
  const refused = installedRoutes().filter(({ method, path }) => !isPermitted(method, path));

  test('that is most of what Bull Board can', () => {
    expect(refused.length).toBeGreaterThan(10);
    expect(refused.every(({ method }) => !isReading(method))).toBe(true);
  });

  test.each(refused)('$method $path', async ({ method, path }) => {
    const dialerId = await createDialer(`${method} ${path}`);
    const leadId = await addLead(dialerId);
    await appears(dialerId);
    const response = await ask(method as Method, urlOf(path, dialerId, leadId));
    expect(response.statusCode).toBe(403);
    expect(await stateOf(dialerId, leadId)).toBe('waiting');
  });

  test('what nothing can be called', async () => {
    const response = await ask('PUT', '/api/queues/%00/pause');
    expect([response.statusCode, response.json()]).toEqual([404, { message: 'There is no such queue.' }]);
  });

  test('what does not exist either', async () => {
    for (const method of ['PUT', 'POST', 'PATCH', 'DELETE'] as const) {
      expect((await ask(method, '/nowhere')).statusCode).toBe(403);
    }
    expect((await ask('GET', '/nowhere')).statusCode).toBe(404);
  });
});

test('shows leads masked, in the list and alone', async () => {
  const dialerId = await createDialer('Masked');
  const leadId = await addLead(dialerId);
  await appears(dialerId);
  const list = await ask('GET', `/api/queues?activeQueue=${dialerId}&status=waiting`);
  const alone = await ask('GET', `/api/queues/${dialerId}/${leadId}`);
  for (const { body } of [list, alone]) {
    expect(body).toContain('"name":"campaign 70123 · ********67"');
    expect(body).toContain('"campaignId":"70123"');
    expect(body).toContain('"phone":"********67"');
    expect(body).not.toContain('sealed-payload');
    expect(body).not.toContain('digest-of-the-phone');
  }
});
