import { queueName, queuePrefix } from '@live-feed/queue/jobs/dialer-queue';
import { dialerAddress, dialerKeys } from '@live-feed/queue/limits/dialer-address';
import { closeRedis, connectRedis, type Redis } from '@live-feed/queue/redis/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, EXAMPLE, leadNumber, misbehave, post, simulator } from '../kit/http/client.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';

const database = useDatabase();
const server = useRedis();
let system: System;
let redis: Redis;
let dialer: { id: string; baseUrl: string; accountId: string };

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: server.url,
    environment: { INGRESS_DEADLINE_MS: '25000' },
  });
  redis = connectRedis(server.url, 'jobs', () => undefined);
  dialer = await system.database.dialer.findFirstOrThrow({ where: { company: { name: 'Demo RingCX' } } });
  await system.database.campaign.create({
    data: {
      id: '01900000-0000-7000-8000-000000000001',
      companyId: (await system.database.company.findUniqueOrThrow({ where: { name: 'Demo RingCX' } })).id,
      campaignId: '777',
    },
  });
});
afterAll(async () => {
  await closeRedis(redis);
  await system.stop();
});
beforeEach(() => simulator(system, '/leads', { method: 'DELETE' }));
afterEach(async () => {
  await misbehave(system, {});
  await configure({ maxLeadsPerUpload: 500, uploadWindows: [] });
});

/** Takes effect within a second; the worker's next uploads show it. */
async function configure(data: { maxLeadsPerUpload?: number; uploadWindows?: object[] }) {
  await system.database.dialer.update({ where: { id: dialer.id }, data });
}

/** Posts the leads while the dialer is held, and lets go of it once they all wait. */
async function postTogether(bodies: readonly unknown[]): Promise<Answer[]> {
  const { hold } = dialerKeys(dialerAddress(dialer));
  const wait = `${queuePrefix(dialer.id)}:${queueName(dialer.id)}:wait`;
  // Not for longer: leads are refused whose answer might come too late.
  await redis.set(hold, 'throttled', 'PX', 15_000);
  const answers = bodies.map((body) => post(system, body));
  await waitFor(async () => (await redis.llen(wait)) === bodies.length, { what: 'all leads to be queued' });
  await redis.del(hold);
  return Promise.all(answers);
}

const statuses = (answers: readonly Answer[]) => new Set(answers.map(({ status }) => status));

interface Loaded {
  readonly body: { readonly uploadLeads: readonly { readonly leadPhone: string }[] };
  readonly url: string;
}

/** The uploads that the simulator was sent, oldest first. */
async function uploads(): Promise<Loaded[]> {
  const { requests } = await simulator(system, '/requests?limit=200');
  return requests.filter(({ url }: Loaded) => url.endsWith('/leadLoader/direct'));
}

describe('at low load nothing waits for company', () => {
  test('a lead goes alone and its caller gets what the dialing system sent', async () => {
    await configure({ uploadWindows: [] });
    const answer = await post(system, EXAMPLE);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-upload-size')).toBe('1');
    expect(answer.body.dialerResponse).toEqual({
      message: 'Your uploaded lead list has successfully completed processing',
      leadsSupplied: 1,
      leadsAccepted: 1,
      leadsInserted: 1,
      leadsConverted: 0,
      dncReturnedCount: 0,
      internalDncCount: 0,
      whitelistCount: 0,
      failedAgentAssignment: 0,
      listState: 'ACTIVE',
      timeZoneOption: 'NPA_NXX',
      processingResult: 'OK',
      processingStatus: 'DEFAULT_NOT_A_FAILURE',
      rejectedRows: [],
    });
  });
});

describe('leads that wait go out together', () => {
  test('with the windows enforced hundreds of leads need a few uploads, and none is refused', async () => {
    await misbehave(system, { enforceLimits: true });
    // RingCX's own again; they are known to the worker before the last lead is queued.
    await system.database.$executeRaw`UPDATE dialers SET upload_windows = NULL WHERE id = ${dialer.id}::uuid`;
    const answers = await postTogether(Array.from({ length: 400 }, (_, n) => leadNumber(n)));
    expect(statuses(answers)).toEqual(new Set([200]));
    const stats = await simulator(system, '/stats');
    expect(stats.limitViolations.total).toBe(0);
    expect(stats.requests.upload).toBeLessThan(10);
    expect(stats.duplicateExternIds.total).toBe(0);
    expect(Number(answers[0]?.headers.get('x-upload-size'))).toBeGreaterThan(1);
  });

  test('one phone is never twice in an upload', async () => {
    const answers = await postTogether([
      leadNumber(1),
      { ...leadNumber(1), lead: { leadPhone: '5550000001', firstName: 'Again' } },
      leadNumber(2),
    ]);
    expect(statuses(answers)).toEqual(new Set([200]));
    for (const { body } of await uploads()) {
      const phones = body.uploadLeads.map(({ leadPhone }) => leadPhone);
      expect(new Set(phones).size).toBe(phones.length);
    }
    expect((await uploads()).length).toBe(2);
  });

  test('leads with other options or another campaign go in uploads of their own', async () => {
    const described = { ...leadNumber(3), options: { description: 'a list of its own' } };
    const answers = await postTogether([leadNumber(1), leadNumber(2), described, leadNumber(4, '777')]);
    expect(statuses(answers)).toEqual(new Set([200]));
    expect((await uploads()).map(({ body }) => body.uploadLeads.length).toSorted()).toEqual([1, 1, 2]);
  });

  test('maxLeadsPerUpload 1 turns grouping off', async () => {
    await configure({ maxLeadsPerUpload: 1, uploadWindows: [] });
    await waitFor(async () => {
      await simulator(system, '/leads', { method: 'DELETE' });
      await postTogether([leadNumber(1), leadNumber(2)]);
      return (await uploads()).length === 2;
    });
    const answers = await postTogether([leadNumber(3), leadNumber(4), leadNumber(5)]);
    expect(answers.map(({ headers }) => headers.get('x-upload-size'))).toEqual(['1', '1', '1']);
  });

  test('with ten times the maximum waiting in one campaign, a lead of another leaves within two permits', async () => {
    await configure({ maxLeadsPerUpload: 5, uploadWindows: [] });
    await waitFor(async () => {
      await simulator(system, '/leads', { method: 'DELETE' });
      await postTogether(Array.from({ length: 6 }, (_, n) => leadNumber(n)));
      return (await uploads()).length === 2;
    });
    await simulator(system, '/leads', { method: 'DELETE' });
    const many = Array.from({ length: 50 }, (_, n) => leadNumber(n));
    const answers = await postTogether([...many, leadNumber(99, '777')]);
    expect(statuses(answers)).toEqual(new Set([200]));
    const campaigns = (await uploads()).map(({ url }) => /campaigns\/(\d+)\//.exec(url)?.[1]);
    expect(campaigns.indexOf('777')).toBeLessThan(2);
  });
});

describe('leads of one upload are told apart', () => {
  const rejected = '5550000007';

  test.each(['full', 'phone', 'anonymous', 'none'])(
    'a lead rejected with its row told as %s',
    async (row) => {
      await misbehave(system, {
        rules: [
          { on: 'upload', match: { phone: rejected }, fault: { kind: 'reject', message: 'bad lead', row } },
        ],
      });
      const answers = await postTogether(Array.from({ length: 20 }, (_, n) => leadNumber(n)));
      expect(answers.map(({ status }) => status)).toEqual(
        Array.from({ length: 20 }, (_, n) => (n === 7 ? 502 : 200)),
      );
      expect(answers[7]?.body).toMatchObject({
        code: 'DIALER_REJECTED',
        retryable: false,
        dialerResponse: { leadsSupplied: 1, leadsAccepted: 0, leadsInserted: 0 },
      });
      for (const answer of answers) {
        expect(answer.body.dialerResponse.leadsSupplied).toBe(1);
        const told = JSON.stringify(answer.body);
        if (answer !== answers[7]) expect(told).not.toContain(rejected);
      }
      const stats = await simulator(system, '/stats');
      expect(stats.duplicateExternIds.total).toBe(0);
      expect(stats.leadsStored.held).toBe(19);
    },
  );

  test('a poison lead among 500: the others are accepted, it alone is rejected', async () => {
    const poison = '5550000123';
    await misbehave(system, {
      rules: [
        {
          on: 'upload',
          match: { phone: poison },
          fault: { kind: 'status', status: 400, when: 'beforeStoring' },
        },
      ],
    });
    const answers = await postTogether(Array.from({ length: 500 }, (_, n) => leadNumber(n)));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual([[502, 'DIALER_REJECTED']]);
    expect(answers[123]?.status).toBe(502);
    const stats = await simulator(system, '/stats');
    expect(stats.leadsStored.held).toBe(499);
    expect(stats.duplicateExternIds.total).toBe(0);
    // One upload in a quiet system; the extra ones are what halving costs.
    expect(stats.requests.upload).toBeLessThanOrEqual(1 + Math.ceil(2 * Math.log2(500)));
  });
});

describe('around an upload', () => {
  test('one statement reads and two write, whatever its size', async () => {
    await system.database.$executeRaw`CREATE EXTENSION IF NOT EXISTS pg_stat_statements`;
    await system.database
      .$executeRaw`SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)`;
    const answers = await postTogether(Array.from({ length: 300 }, (_, n) => leadNumber(n)));
    expect(statuses(answers)).toEqual(new Set([200]));
    const calls = await system.database.$queryRaw<{ calls: number }[]>`
      SELECT calls::int FROM pg_stat_statements
      WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (query LIKE '%INSERT INTO leads%' OR query LIKE '%UPDATE leads%' OR query LIKE '%INTO uploads%' OR query LIKE '%anis%')
        AND query NOT LIKE '%overdue%' AND query NOT LIKE '%FROM dialers%'`;
    const made = (await uploads()).length;
    expect(calls.map((row) => row.calls).toSorted()).toEqual([made, made, made]);
  });
});
