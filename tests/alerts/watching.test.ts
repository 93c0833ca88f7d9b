import { newId } from '@live-feed/core/ids';
import { changeAlertRule, listAlertRules, removeAlertRule } from '@live-feed/database/alerts/alert-rules';
import { applyReadings, claimAlertRules } from '@live-feed/database/alerts/alert-states';
import type { Database } from '@live-feed/database/connection/client';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';
import { startTestRedis } from '../kit/services/redis.ts';
import { addChannel, addRule, eventsOf, MINUTE_MS, messagesOf, pass } from './alert-kit.ts';

/** An alert begins once and ends once, whatever workers, clocks and Redis do. */

const server = useDatabase();
let redisServer: Awaited<ReturnType<typeof startTestRedis>>;
let database: Database;
let redis: Redis;
let companyId: string;
let dialerId: string;

beforeAll(async () => {
  database = connectDatabase(server.url, 8);
  redisServer = await startTestRedis();
  redis = connectRedis(redisServer.url, 'requests', () => {});
  await whenReady(redis, 10_000);
  await addChannel(database);
});
afterAll(async () => {
  await closeRedis(redis);
  await redisServer.stop();
  await database.$disconnect();
});
beforeEach(async () => {
  await database.alertRule.deleteMany();
  companyId = newId();
  dialerId = newId();
  await database.company.create({ data: { id: companyId, name: `Acme ${companyId}`, timeZone: 'UTC' } });
  await database.campaign.create({ data: { id: newId(), companyId, campaignId: '77', name: 'Summer' } });
  const account = { family: 'ringcx', baseUrl: 'https://dialer.test/voice', accountId: companyId };
  await database.dialer.create({ data: { id: dialerId, companyId, ...account } });
});

const address = () =>
  dialerAddress({ id: dialerId, baseUrl: 'https://dialer.test/voice', accountId: companyId });

async function figures(state: 'ACCEPTED' | 'REJECTED', leads: number, campaignId = '77'): Promise<void> {
  const beginsAt = new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
  const reason = state === 'REJECTED' ? 'DIALER_REJECTED' : '';
  await database.leadFigure.create({
    data: {
      companyId,
      period: 'minute',
      beginsAt,
      campaignId,
      source: newId(),
      state,
      reason,
      withinMs: 100,
      leads,
    },
  });
}

async function lead(state: 'PARKED' | 'ACCEPTED', ageMs: number): Promise<void> {
  const at = new Date(Date.now() - ageMs);
  await database.lead.create({
    data: {
      ...{ id: newId(at.getTime()), companyId, dialerId, campaignId: '77', state, payload: 'sealed' },
      ...{ phoneDigest: '0'.repeat(64), phoneLast2: '67' },
      ...{ receivedAt: at, deadline: at, dueAt: at, expiresAt: at },
    },
  });
}

const ACCEPTANCE = { kind: 'acceptance', below: 60, forMs: 15 * MINUTE_MS, leads: 10 } as const;
const HELD = { kind: 'held', forMs: 10 * MINUTE_MS } as const;

describe('an alert', () => {
  test('begins once and ends once among four workers, and names company and campaign', async () => {
    const rule = await addRule(database, ACCEPTANCE, { perCampaign: true });
    await figures('ACCEPTED', 4);
    await figures('REJECTED', 8);
    await figures('ACCEPTED', 50, '78');
    await pass(database, redis, MINUTE_MS, 4);
    await pass(database, redis, MINUTE_MS, 4);
    const [begun, ...none] = await messagesOf(database, rule);
    expect(none).toEqual([]);
    expect(begun).toMatchObject({
      event: 'begun',
      company: { id: companyId, name: `Acme ${companyId}` },
      campaign: { id: '77', name: 'Summer' },
      condition: 'acceptance below 60% over 15 minutes, of at least 10 leads',
      known:
        '4 of 12 leads of the last 15 minutes accepted: 33.3%. Most others: rejected, DIALER_REJECTED (8).',
      until: null,
    });
    await figures('ACCEPTED', 50);
    await pass(database, redis, MINUTE_MS, 4);
    await pass(database, redis, 4 * MINUTE_MS, 4);
    expect(await eventsOf(database, rule)).toEqual(['begun']);
    await pass(database, redis, MINUTE_MS, 4);
    await pass(database, redis, MINUTE_MS, 4);
    const [, ended, ...more] = await messagesOf(database, rule);
    expect(more).toEqual([]);
    expect(ended).toMatchObject({ event: 'ended', alertId: begun?.alertId, until: expect.any(String) });
    expect(await database.alertState.count()).toBe(0);
  });

  test('that flaps has begun once, until its condition has not been met for some minutes in one piece', async () => {
    const rule = await addRule(database, { kind: 'parked', above: 0 });
    for (let turn = 0; turn < 3; turn += 1) {
      await lead('PARKED', 0);
      await pass(database, redis, MINUTE_MS);
      await database.lead.deleteMany({ where: { companyId } });
      await pass(database, redis, MINUTE_MS);
      await pass(database, redis, 3 * MINUTE_MS);
    }
    expect(await eventsOf(database, rule)).toEqual(['begun']);
    await pass(database, redis, 2 * MINUTE_MS);
    expect(await eventsOf(database, rule)).toEqual(['begun', 'ended']);
  });

  test('of too few leads does not begin; the whole company is one alert', async () => {
    const rule = await addRule(database, ACCEPTANCE);
    await figures('REJECTED', 5);
    await pass(database, redis, MINUTE_MS);
    expect(await eventsOf(database, rule)).toEqual([]);
    await figures('REJECTED', 5, '78');
    await pass(database, redis, MINUTE_MS);
    expect(await messagesOf(database, rule)).toMatchObject([
      { event: 'begun', campaign: null, known: expect.stringMatching(/^0 of 10 leads .*: 0%\./) },
    ]);
  });

  test.each([
    ['some leads are left', 3, 'Too few leads to judge by: the rule needs 10. 3 of 3 leads'],
    ['none is left', 0, 'Too few leads to judge by: none came in the last 15 minutes.'],
  ])('of acceptance that cannot be judged any more ends and says so: %s', async (_what, left, known) => {
    const rule = await addRule(database, ACCEPTANCE, { companyId });
    await figures('REJECTED', 12);
    await pass(database, redis, MINUTE_MS);
    expect(await eventsOf(database, rule)).toEqual(['begun']);
    await database.leadFigure.deleteMany({ where: { companyId } });
    if (left > 0) await figures('ACCEPTED', left);
    await pass(database, redis, MINUTE_MS);
    await pass(database, redis, 5 * MINUTE_MS);
    const [, ended] = await messagesOf(database, rule);
    expect(ended).toMatchObject({ event: 'ended', known: expect.stringContaining(known) });
  });

  test('of one company or campaign says nothing of others', async () => {
    const other = newId();
    await database.company.create({ data: { id: other, name: `Other ${other}` } });
    const rules = [
      await addRule(database, { kind: 'parked', above: 0 }, { companyId: other }),
      await addRule(database, { kind: 'parked', above: 0 }, { companyId, campaignId: '77' }),
    ];
    await lead('PARKED', 0);
    await pass(database, redis, MINUTE_MS);
    expect(await Promise.all(rules.map((rule) => eventsOf(database, rule)))).toEqual([[], ['begun']]);
  });
});

describe('each kind', () => {
  test('a backlog, caps used up, a webhook that is off, silence', async () => {
    await database.ani.create({
      data: {
        id: newId(),
        companyId,
        phone: String(2_000_000_000 + Math.floor(Math.random() * 7e9)),
        dailyCap: 10,
        used: 9,
        usedOn: new Date(),
      },
    });
    const webhookId = newId();
    await database.webhook.create({
      data: {
        ...{ id: webhookId, companyId, slot: 1, secret: 'sealed', url: 'https://hooks.example.com/secret' },
        ...{ disabledAt: new Date(), disabledWhy: 'FAILING' },
      },
    });
    await lead('ACCEPTED', 2 * 3_600_000);
    const oldId = newId(Date.now() - 10 * MINUTE_MS);
    await redis.lpush(`{lf:${dialerId}}:${dialerId}:wait`, oldId, newId());
    const kinds = [
      [{ kind: 'caps', above: 80 }, /^90% of today's caps are used up\.$/],
      [{ kind: 'backlog', above: 1 }, /^2 leads wait, the oldest for 10 minutes\.$/],
      [{ kind: 'backlog', olderThanMs: 5 * MINUTE_MS }, /^2 leads wait/],
      [{ kind: 'webhook_off' }, /^Its endpoint failed for a day\.$/],
      [{ kind: 'no_leads', forMs: 3_600_000 }, /^The last lead came 2 hours ago\.$/],
    ] as const;
    const rules = await Promise.all(kinds.map(([condition]) => addRule(database, condition, { companyId })));
    const quiet = await Promise.all(
      [
        { kind: 'caps', above: 90 } as const,
        { kind: 'backlog', above: 2, olderThanMs: 20 * MINUTE_MS } as const,
        { kind: 'no_leads', forMs: 3 * 3_600_000 } as const,
      ].map((condition) => addRule(database, condition, { companyId })),
    );
    await pass(database, redis, MINUTE_MS);
    for (const [place, rule] of rules.entries()) {
      expect([kinds[place]?.[0], await messagesOf(database, rule)]).toEqual([
        kinds[place]?.[0],
        [expect.objectContaining({ event: 'begun', known: expect.stringMatching(kinds[place]?.[1] ?? '') })],
      ]);
    }
    const [off] = await messagesOf(database, rules[3] ?? '');
    expect(off).toMatchObject({ endpoint: 'hooks.example.com', campaign: null });
    for (const rule of quiet) expect(await eventsOf(database, rule)).toEqual([]);
  });

  test('silence outside the given hours neither begins nor ends', async () => {
    const day = new Date().getUTCDay() || 7;
    const hours = (of: number) => ({ days: [of], from: '00:00', to: '24:00' });
    const closed = await addRule(
      database,
      {
        kind: 'no_leads',
        forMs: MINUTE_MS,
        hours: hours((day % 7) + 1),
      },
      { companyId },
    );
    const open = await addRule(database, { kind: 'no_leads', forMs: MINUTE_MS }, { companyId });
    await lead('ACCEPTED', 3_600_000);
    await pass(database, redis, MINUTE_MS);
    expect(await eventsOf(database, closed)).toEqual([]);
    expect(await eventsOf(database, open)).toEqual(['begun']);
    await database.alertRule.update({
      where: { id: open },
      data: { condition: { kind: 'no_leads', forMs: MINUTE_MS, hours: hours((day % 7) + 1) } },
    });
    await pass(database, redis, 10 * MINUTE_MS);
    await pass(database, redis, 10 * MINUTE_MS);
    expect(await eventsOf(database, open)).toEqual(['begun']);
    await lead('ACCEPTED', 0);
    await pass(database, redis, MINUTE_MS);
    await pass(database, redis, 10 * MINUTE_MS);
    expect(await eventsOf(database, open)).toEqual(['begun', 'ended']);
  });
});

describe('a hold', () => {
  test('is told once it has lasted; a Redis that is away neither begins nor ends it', async () => {
    const health = createDialerHealth(redis);
    const rule = await addRule(database, HELD, { companyId });
    await health.hold(address(), 3_600_000, 'maintenance');
    await pass(database, redis, MINUTE_MS);
    await pass(database, redis, 9 * MINUTE_MS);
    expect(await eventsOf(database, rule)).toEqual([]);
    await pass(database, redis, MINUTE_MS);
    expect(await messagesOf(database, rule)).toMatchObject([
      { event: 'begun', known: expect.stringMatching(/^Held until .* UTC: by a person\.$/) },
    ]);

    const away = connectRedis('redis://127.0.0.1:1', 'requests', () => {});
    await pass(database, away, 10 * MINUTE_MS);
    await pass(database, away, 10 * MINUTE_MS);
    expect(await eventsOf(database, rule)).toEqual(['begun']);
    expect(await listAlertRules(database, rule)).toMatchObject([
      { unreadWhy: 'Redis cannot be reached.', burning: 1 },
    ]);
    await closeRedis(away);

    await health.release(address());
    await pass(database, redis, MINUTE_MS);
    expect(await listAlertRules(database, rule)).toMatchObject([{ unreadSince: null, unreadWhy: null }]);
    await pass(database, redis, 5 * MINUTE_MS);
    expect(await eventsOf(database, rule)).toEqual(['begun', 'ended']);
  });

  test('that was about to end has to be over anew once Redis is back: nobody saw it meanwhile', async () => {
    const health = createDialerHealth(redis);
    const rule = await addRule(database, HELD, { companyId });
    await health.hold(address(), 3_600_000, 'maintenance');
    await pass(database, redis, MINUTE_MS);
    await pass(database, redis, 10 * MINUTE_MS);
    expect(await eventsOf(database, rule)).toEqual(['begun']);
    await health.release(address());
    await pass(database, redis, MINUTE_MS);
    const away = connectRedis('redis://127.0.0.1:1', 'requests', () => {});
    await pass(database, away, 10 * MINUTE_MS);
    await closeRedis(away);
    await pass(database, redis, MINUTE_MS);
    await pass(database, redis, 4 * MINUTE_MS);
    expect(await eventsOf(database, rule)).toEqual(['begun']);
    await pass(database, redis, MINUTE_MS);
    expect(await eventsOf(database, rule)).toEqual(['begun', 'ended']);
  });

  test('that is over before it is told leaves nothing', async () => {
    const health = createDialerHealth(redis);
    const rule = await addRule(database, HELD, { companyId });
    await health.hold(address(), 3_600_000, 'maintenance');
    await pass(database, redis, MINUTE_MS);
    await health.release(address());
    await pass(database, redis, MINUTE_MS);
    await health.hold(address(), 3_600_000, 'maintenance');
    await pass(database, redis, 9 * MINUTE_MS);
    expect(await eventsOf(database, rule)).toEqual([]);
    await health.release(address());
  });
});

describe('a person', () => {
  const burning = async () => {
    const rule = await addRule(database, { kind: 'parked', above: 0 }, { companyId });
    await lead('PARKED', 0);
    await pass(database, redis, MINUTE_MS);
    expect(await eventsOf(database, rule)).toEqual(['begun']);
    return rule;
  };

  test.each([
    ['removes', (id: string) => removeAlertRule(database, id), 'The rule was removed.'],
    [
      'switches off',
      (id: string) => changeAlertRule(database, id, { on: false }),
      'The rule was switched off.',
    ],
    [
      'changes',
      (id: string) => changeAlertRule(database, id, { condition: { kind: 'parked', above: 5 } }),
      'The rule was changed.',
    ],
  ])('who %s a rule ends what burns, and its channels are told', async (_what, change, known) => {
    const rule = await burning();
    expect(await change(rule)).toBe(true);
    await pass(database, redis, MINUTE_MS);
    expect(await messagesOf(database, rule)).toMatchObject([{ event: 'begun' }, { event: 'ended', known }]);
    expect(await database.alertState.count()).toBe(0);
  });

  test('who changes a rule is not overruled by a worker that looked before', async () => {
    const id = await addRule(database, { kind: 'parked', above: 0 }, { companyId });
    const [stale] = await claimAlertRules(database, { everyMs: 0, limit: 1 });
    if (stale === undefined) throw new Error('The rule was not claimed.');
    await changeAlertRule(database, id, { endAfterMs: MINUTE_MS });
    const reading = {
      companyId,
      companyName: 'Acme',
      subject: '',
      subjectName: null,
      isMet: true,
      known: 'x',
    };
    expect(await applyReadings(database, stale, [reading])).toEqual({ begun: 0, ended: 0 });
    expect(await database.alertState.count()).toBe(0);
  });

  test('who removes a company or a campaign removes its rules and its alerts', async () => {
    await burning();
    await addRule(database, { kind: 'parked', above: 0 }, { companyId, campaignId: '77' });
    await database.campaign.deleteMany({ where: { companyId } });
    expect(await database.alertRule.count()).toBe(1);
    await database.lead.deleteMany({ where: { companyId } });
    await database.dialer.deleteMany({ where: { companyId } });
    await database.company.delete({ where: { id: companyId } });
    expect([
      await database.alertRule.count(),
      await database.alertMessage.count({ where: { companyId } }),
    ]).toEqual([0, 0]);
  });
});
