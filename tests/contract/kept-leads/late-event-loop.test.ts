import { afterAll, beforeAll, expect, test } from 'vitest';
import { callIngress, EXAMPLE, post } from '../../kit/http/client.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

const database = useDatabase();
const redis = useRedis();
let system: System;

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    environment: { INGRESS_MAX_LOOP_DELAY_MS: '200' },
  });
});
afterAll(() => system?.stop());

test('an event loop that is late takes no leads, and says so before it does anything for them', async () => {
  let busy = true;
  const blocking = (async () => {
    while (busy) {
      for (const until = performance.now() + 400; performance.now() < until; );
      await new Promise(setImmediate);
    }
  })();
  try {
    const refused = await waitFor(
      async () => {
        const answer = await post(system, {}, { key: 'none' });
        return answer.status === 429 && answer;
      },
      { what: 'a refusal' },
    );
    expect(refused).toMatchObject({
      status: 429,
      body: { success: false, code: 'OVERLOADED', retryable: true },
    });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await callIngress(system.ingresses[0]?.url ?? '', '/healthz')).status).toBe(200);
  } finally {
    busy = false;
    await blocking;
  }
  await waitFor(async () => (await post(system, EXAMPLE)).status === 200, { what: 'an end of the refusals' });
});
