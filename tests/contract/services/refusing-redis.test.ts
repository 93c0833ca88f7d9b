import { closeRedis, connectRedis, type Redis } from '@live-feed/queue/redis/redis';
import type { EmbeddedRedis } from '@live-feed/tools/services/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, call, callIngress, EXAMPLE, post } from '../../kit/http/client.ts';
import { scrape, series } from '../../kit/http/scrape.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { startTestRedis } from '../../kit/services/redis.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** A Redis that answers, and does not do the work. */

const database = useDatabase();
let server: EmbeddedRedis;
let control: Redis;
let system: System;
let ingressUrl: string;
let workerUrl: string;
let logged: string[] = [];

beforeAll(async () => {
  server = await startTestRedis();
  control = connectRedis(server.url, 'jobs', () => {});
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: server.url,
    onLog: (line) => logged.push(line),
  });
  ingressUrl = system.ingresses[0]?.url ?? '';
  workerUrl = system.workers[0]?.metricsUrl ?? '';
  await waitFor(async () => (await post(system, EXAMPLE)).status === 200, { everyMs: 200 });
});
afterAll(async () => {
  await system?.stop();
  await closeRedis(control);
  await server?.stop();
});

const redisUp = series('live_feed_store_up', { store: 'redis' });

/** Both processes: by name in readiness and log, and in the figure that the alert looks at. */
async function expectTold(sentence: RegExp): Promise<void> {
  const toldBy = async (ask: () => Promise<Answer>) => {
    const { body } = await waitFor(
      async () => {
        const answer = await ask();
        return answer.status === 503 && sentence.test(String(answer.body.why.queue)) && answer;
      },
      { timeoutMs: 50_000, everyMs: 100, what: `${sentence} in readiness` },
    );
    expect(body.missing).toContain('queue');
  };
  await Promise.all([
    toldBy(() => callIngress(ingressUrl, '/readyz')),
    toldBy(() => call(`${workerUrl}/readyz`)),
  ]);
  for (const { metricsUrl } of [...system.ingresses, ...system.workers]) {
    expect((await scrape(metricsUrl)).get(redisUp)).toBe(0);
  }
  for (const name of ['ingress', 'worker']) {
    const isTold = (line: string) =>
      line.includes(`"service":"${name}"`) && line.includes('"level":"error"') && sentence.test(line);
    await waitFor(() => logged.some(isTold), { what: `${sentence} in the log of the ${name}` });
  }
}

const acl = (rule: string) => () => control.call('ACL', 'SETUSER', 'default', rule);
const setting = (name: string, value: string) => () => control.config('SET', name, value);

test.each([
  [
    'a replica',
    /Redis is a read-only replica/,
    () => control.replicaof('127.0.0.1', 1),
    () => control.replicaof('NO', 'ONE'),
  ],
  [
    'over its memory limit',
    /Redis is over its memory limit/,
    setting('maxmemory', '1mb'),
    setting('maxmemory', '0'),
  ],
  [
    'short of replicas',
    /Redis has fewer replicas than it needs/,
    setting('min-replicas-to-write', '1'),
    setting('min-replicas-to-write', '0'),
  ],
  ['refusing writes', /Redis refuses the command SET /, acl('-set'), acl('+set')],
  ['refusing scripts', /Redis refuses the command EVALSHA /, acl('-evalsha'), acl('+evalsha')],
  ['refusing blocking reads', /Redis refuses the command BZPOPMIN /, acl('-bzpopmin'), acl('+bzpopmin')],
])(
  '%s: told by name, leads are refused at once, and all is well again by itself',
  async (_, sentence, begin, end) => {
    logged = [];
    await begin();
    try {
      await expectTold(sentence);
      const refused = await post(system, EXAMPLE);
      expect(refused).toMatchObject({ status: 503, body: { code: 'QUEUE_UNAVAILABLE', retryable: true } });
      // It was not even tried.
      expect(refused.headers.get('x-lead-id')).toBeNull();
    } finally {
      await end();
    }
    await waitFor(async () => (await post(system, EXAMPLE)).status === 200, {
      timeoutMs: 60_000,
      everyMs: 200,
    });
    await waitFor(async () => (await call(`${workerUrl}/readyz`)).status === 200, {
      what: 'a worker that is ready',
    });
  },
);

test('a policy that forgets keys is told until it is right, and leads go on', async () => {
  const isTold = (line: string) => line.includes('maxmemory-policy is allkeys-lru; set it to noeviction');
  logged = [];
  await setting('maxmemory-policy', 'allkeys-lru')();
  try {
    // At the next look at the server's settings.
    await waitFor(() => logged.some(isTold), { timeoutMs: 50_000, what: 'the policy in the log' });
    expect((await post(system, EXAMPLE)).status).toBe(200);
    logged = [];
    const another = await system.addWorker();
    await waitFor(() => logged.some(isTold), { what: 'the policy in the log of a process that starts' });
    await another.stop();
  } finally {
    await setting('maxmemory-policy', 'noeviction')();
  }
});
