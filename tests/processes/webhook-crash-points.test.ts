import { isSettled } from '@live-feed/core/lead/lead-state';
import { describe, expect, test } from 'vitest';
import { misbehave } from '../kit/http/client.ts';
import { leadIdOf, rowOf, submit } from '../kit/leads/lead-effects.ts';
import { createTestDatabase } from '../kit/services/database.ts';
import { startTestRedis } from '../kit/services/redis.ts';
import { addCompanies, type Company } from '../kit/system/company.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';
import { addEndpoint, type Endpoint, hurry } from '../kit/webhooks/endpoints.ts';
import { answerWith, eventsOf, type Receiver, startReceiver } from '../kit/webhooks/receiver.ts';

/**
 * The worker kills itself between a lead's outcome and its event's delivery, and between the delivery and its note; another takes over.
 */

interface Shop {
  readonly system: System;
  readonly to: Receiver;
  /** Leads of which an event came before their outcome was on disk. */
  readonly tooEarly: string[];
}

async function withSystem(run: (shop: Shop) => Promise<void>): Promise<void> {
  const database = await createTestDatabase();
  const redis = await startTestRedis();
  const system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    workers: 0,
    environment: { WORKER_LOCK_MS: '1000', INGRESS_DEADLINE_MS: '25000', WEBHOOK_ALLOW_PRIVATE: 'true' },
  });
  const tooEarly: string[] = [];
  const to = await startReceiver(async (response, request) => {
    for (const { data } of eventsOf([request])) {
      const row = await system.database.lead.findUnique({ where: { id: data.leadId } });
      if (row === null || !isSettled(row.state)) tooEarly.push(data.leadId);
    }
    answerWith(200)(response, request);
  });
  try {
    await run({ system, to, tooEarly });
  } finally {
    await to.stop();
    await system.stop();
    await redis.stop();
    await database.drop();
  }
}

/** The dead worker's claim would run out by itself, in less than a minute. */
function untilDelivered({ system }: Shop, endpoints: readonly Endpoint[]): Promise<unknown> {
  return waitFor(
    async () => {
      for (const endpoint of endpoints) await hurry(system, endpoint);
      return (await system.database.webhookEvent.count()) === 0;
    },
    { what: 'an empty outbox', timeoutMs: 60_000, everyMs: 500 },
  );
}

const rejected = { kind: 'reject', message: 'refused', row: 'full' };

const POINTS = [
  'before the outcome',
  'after the outcome',
  'after the event, before the job completes',
  'before the webhook',
  'after the webhook, before its note',
];

describe('a worker that dies leaves every event with at least one delivery', () => {
  test.each(POINTS)('killed %s', async (point) => {
    await withSystem(async (shop) => {
      const { system, to, tooEarly } = shop;
      const companies = await addCompanies(system, 3);
      const endpoints: Endpoint[] = [];
      for (const [n, company] of companies.entries()) {
        const lists = n === 0 ? ['--max-events', '100'] : [];
        endpoints.push(await addEndpoint(system, company, to.url, lists));
      }
      const [unlucky] = companies as [Company];
      await misbehave(system, {
        rules: [{ on: 'upload', match: { campaignId: unlucky.campaignId }, times: 1, fault: rejected }],
      });
      const worker = await system.addCrashingWorker(point);
      const answering = companies.map((company, n) => submit(system, company, n));
      expect(await worker.ended).toBe('SIGKILL');
      await system.addWorker();
      const answers = await Promise.all(answering);

      const ended = new Map<string, string>();
      for (const answer of answers) {
        const leadId = leadIdOf(answer);
        // A busy machine may take longer than callers wait; the lead still ends.
        const row = await waitFor(async () => {
          const found = await rowOf(system, leadId);
          return found !== null && isSettled(found.state) && found;
        });
        ended.set(leadId, `lead.${row.state.toLowerCase()}`);
      }
      await untilDelivered(shop, endpoints);
      const events = eventsOf(to.requests);
      expect(tooEarly).toEqual([]);
      for (const [leadId, type] of ended) {
        const ofLead = events.filter(({ data }) => data.leadId === leadId);
        expect([leadId, new Set(ofLead.map((event) => event.type))]).toEqual([leadId, new Set([type])]);
        // However often it came, it came under one id.
        expect(new Set(ofLead.map(({ id }) => id)).size).toBe(1);
      }
      expect(events.every(({ data }) => ended.has(data.leadId))).toBe(true);
    });
  });
});
