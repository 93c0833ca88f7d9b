import { issueApiKey } from '@live-feed/core/crypto/api-key';
import { setDuplicates } from '@live-feed/database/directory/companies';
import type { EmbeddedPostgres } from '@live-feed/tools/services/postgres';
import type { EmbeddedRedis } from '@live-feed/tools/services/redis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, callIngress, EXAMPLE, leadNumber, post, simulator } from '../../kit/http/client.ts';
import { startTestPostgres } from '../../kit/services/database.ts';
import { startTestRedis } from '../../kit/services/redis.ts';
import { addCompany } from '../../kit/system/company.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** Redis or PostgreSQL away: callers are told so, nothing is taken, and all is well again by itself. */

let redis: EmbeddedRedis;
let postgres: EmbeddedPostgres & { readonly databaseUrl: string };
let system: System;
let url: string;

beforeAll(async () => {
  [redis, postgres] = await Promise.all([startTestRedis(), startTestPostgres()]);
  system = await startSystem({ databaseUrl: postgres.databaseUrl, redisUrl: redis.url });
  url = system.ingresses[0]?.url ?? '';
});
afterEach(async () => {
  await waitFor(async () => (await ready()).status === 200, { what: 'being ready again' });
});
afterAll(async () => {
  await system?.stop();
  await Promise.all([redis?.stop(), postgres?.stop()]);
});

const ready = () => callIngress(url, '/readyz');

async function untilMissing(...missing: string[]): Promise<void> {
  await waitFor(
    async () => {
      const { status, body } = await ready();
      return status === 503 && JSON.stringify(body.missing) === JSON.stringify(missing);
    },
    { what: `${missing} to be missed` },
  );
}

function expectNothingTaken(answers: readonly Answer[], code: string): void {
  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 503, body: { success: false, code, retryable: true } });
  }
}

/** Several at once: one of them meets whatever is only noticed by trying. */
let leads = 0;
function postSome(): Promise<Answer[]> {
  leads += 3;
  return Promise.all([0, 1, 2].map((n) => post(system, leadNumber(leads + n))));
}

/** Leads go through again, and none of those that were refused has left a trace but a row that says so. */
async function expectRecovery(before: { readonly stored: number; readonly at: Date }): Promise<void> {
  const again = await waitFor(
    async () => {
      const answer = await post(system, EXAMPLE);
      return answer.status === 200 && answer;
    },
    { everyMs: 200, what: 'a lead that goes through' },
  );
  const held = await simulator(system, '/stats');
  expect(held.leadsStored.held).toBe(before.stored + 1);
  const rows = await system.database.lead.findMany({ where: { receivedAt: { gte: before.at } } });
  const others = rows.filter(({ id }) => id !== again.headers.get('x-lead-id'));
  expect(others.filter(({ state }) => state !== 'ABANDONED')).toEqual([]);
}

async function before() {
  await waitFor(async () => (await post(system, EXAMPLE)).status === 200, {
    what: 'a lead that goes through',
  });
  const { leadsStored } = await simulator(system, '/stats');
  return { stored: leadsStored.held, at: new Date() };
}

test('with both there, it is ready', async () => {
  expect(await ready()).toMatchObject({ status: 200, body: { status: 'ready' } });
  expect(await callIngress(url, '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
});

describe('Redis', () => {
  test('gone: 503 that names the queue, and back by itself', async () => {
    const start = await before();
    await redis.kill();
    expectNothingTaken(await postSome(), 'QUEUE_UNAVAILABLE');
    await untilMissing('queue');
    expect((await callIngress(url, '/healthz')).status).toBe(200);
    const late = await postSome();
    expectNothingTaken(late, 'QUEUE_UNAVAILABLE');
    expect(late.map(({ headers }) => headers.get('x-lead-id'))).toEqual([null, null, null]);
    expect((await post(system, '{')).status).toBe(400);
    await redis.restart();
    await expectRecovery(start);
  });

  test('frozen: 503, and what it took without saying so is not sent once it moves again', async () => {
    const start = await before();
    redis.freeze();
    try {
      expectNothingTaken(await postSome(), 'QUEUE_UNAVAILABLE');
    } finally {
      redis.thaw();
    }
    await expectRecovery(start);
  });
});

describe('Redis, where duplicates are looked for', () => {
  test('gone: the phone of a lead that was not taken is free again', async () => {
    const { id, key, campaignId } = await addCompany(system);
    await setDuplicates(system.database, id, { windowMs: 86_400_000, action: 'refuse', scope: 'company' });
    const send = (firstName: string) =>
      post(system, { campaignId, lead: { leadPhone: '5559990001', firstName } }, { key });
    await waitFor(async () => (await send('First')).status === 200);
    await system.database.phoneClaim.deleteMany();
    await redis.kill();
    for (const name of ['Second', 'Third']) expectNothingTaken([await send(name)], 'QUEUE_UNAVAILABLE');
    expect(await system.database.phoneClaim.count()).toBe(0);
    await redis.restart();
    await waitFor(async () => (await send('Fourth')).status === 200, {
      everyMs: 200,
      what: 'a lead that goes through',
    });
    expect((await send('Fifth')).body.code).toBe('DUPLICATE_LEAD');
  });
});

describe('PostgreSQL', () => {
  test('gone: 503 that names the database, and back by itself', async () => {
    const start = await before();
    await postgres.kill();
    // Before that has been noticed a lead may get into the queue; nobody can begin it, and it is given back.
    for (const { status, body } of await postSome()) {
      expect([status, ['DATABASE_UNAVAILABLE', 'GIVEN_BACK'].includes(body.code)]).toEqual([503, true]);
    }
    await untilMissing('database');
    expect((await callIngress(url, '/healthz')).status).toBe(200);
    expectNothingTaken(await postSome(), 'DATABASE_UNAVAILABLE');
    await postgres.restart();
    await expectRecovery(start);
  });

  test.each(['api_keys', 'campaigns'])(
    'there, but a query of %s hangs: 503, and nothing taken',
    async (table) => {
      // Not the demo company: what is known of that one is remembered.
      const { key, campaignId } = await addCompany(system);
      const request = { ...EXAMPLE, campaignId };
      await system.database.$transaction(
        async (transaction) => {
          await transaction.$executeRawUnsafe(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
          expectNothingTaken([await post(system, request, { key })], 'DATABASE_UNAVAILABLE');
        },
        { timeout: 30_000 },
      );
      expect((await post(system, request, { key })).status).toBe(200);
      expect((await simulator(system, `/leads?campaignId=${campaignId}`)).total).toBe(1);
    },
  );

  test.each([{ 'idempotency-key': 'lead 1' }, { prefer: 'respond-async' }])(
    'there, but for a while nothing can be written: 503, not a fault, to %o',
    async (headers) => {
      const { key, campaignId } = await addCompany(system);
      const request = { ...EXAMPLE, campaignId };
      await system.database.$transaction(
        async (transaction) => {
          await transaction.$executeRawUnsafe('LOCK TABLE leads IN EXCLUSIVE MODE');
          expectNothingTaken([await post(system, request, { key, headers })], 'DATABASE_UNAVAILABLE');
        },
        { timeout: 30_000 },
      );
      expect((await post(system, request, { key, headers })).status).toBeLessThan(300);
      await waitFor(async () => (await simulator(system, `/leads?campaignId=${campaignId}`)).total > 0);
      expect((await simulator(system, `/leads?campaignId=${campaignId}`)).total).toBe(1);
    },
  );

  test('gone: a key that cannot be one is refused all the same, since nobody asks for it', async () => {
    await postgres.kill();
    await untilMissing('database');
    const key = issueApiKey();
    const mistyped = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
    for (const malformed of [mistyped, key.slice(0, -1), 'short']) {
      expect((await post(system, EXAMPLE, { key: malformed })).status).toBe(401);
    }
    expect((await post(system, EXAMPLE, { key })).status).toBe(503);
    await postgres.restart();
  });

  test('and Redis, both gone: 503 that names both', async () => {
    const start = await before();
    await Promise.all([postgres.kill(), redis.kill()]);
    await untilMissing('database', 'queue');
    expectNothingTaken(await postSome(), 'DATABASE_UNAVAILABLE');
    await Promise.all([postgres.restart(), redis.restart()]);
    await expectRecovery(start);
  });
});
