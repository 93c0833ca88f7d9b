import { describe, expect, test } from 'vitest';
import { callIngress, leadNumber, misbehave, post, simulator } from '../kit/http/client.ts';
import { leadIdOf, storedLeadIds, submit, untilAdmitted, untilState } from '../kit/leads/lead-effects.ts';
import { createTestDatabase } from '../kit/services/database.ts';
import { startTestRedis } from '../kit/services/redis.ts';
import { addCompanies, addCompany, type Company } from '../kit/system/company.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import type { WorkerProcess } from '../kit/system/worker-process.ts';
import { waitFor } from '../kit/wait-for.ts';

/**
 * The worker kills itself at each point of a delivery, once where the dialing system stored the lead and once where it did not;
 * another takes over. Whatever the answer says is then held against the simulator.
 */

interface Case {
  readonly point: string;
  readonly dialer: string;
  /** What the simulator does to the first upload. */
  readonly fault?: unknown;
  readonly expected: 200 | 502;
  readonly source?: 'read-back';
  /** The worker is killed from outside once the simulator has the request. */
  readonly killedWhileWaiting?: boolean;
}

const reject = { kind: 'reject', message: 'refused', row: 'full' };
const fail = { kind: 'status', status: 500, when: 'beforeStoring' };
const hang = (when: string) => ({ kind: 'hang', when });

const AFTER_EVENT = 'after the event, before the job completes';

const cases: readonly Case[] = [
  { point: 'before the intent', dialer: 'never asked', expected: 200 },
  { point: 'after the intent', dialer: 'never asked', expected: 200 },
  { point: 'before the write', dialer: 'never asked', expected: 200 },
  {
    point: 'after the write',
    dialer: 'did not store it',
    fault: hang('beforeStoring'),
    killedWhileWaiting: true,
    expected: 200,
  },
  {
    point: 'after the write',
    dialer: 'stored it',
    fault: hang('afterStoring'),
    killedWhileWaiting: true,
    expected: 200,
    source: 'read-back',
  },
  { point: 'after the answer', dialer: 'stored it', expected: 200, source: 'read-back' },
  { point: 'after the answer', dialer: 'did not store it', fault: fail, expected: 200 },
  { point: 'before the outcome', dialer: 'stored it', expected: 200, source: 'read-back' },
  { point: 'before the outcome', dialer: 'did not store it', fault: fail, expected: 200 },
  { point: 'after the outcome', dialer: 'stored it', expected: 200 },
  { point: 'after the outcome', dialer: 'did not store it', fault: reject, expected: 502 },
  { point: AFTER_EVENT, dialer: 'stored it', expected: 200 },
  { point: AFTER_EVENT, dialer: 'did not store it', fault: reject, expected: 502 },
];

async function withSystem(run: (system: System) => Promise<void>): Promise<void> {
  const database = await createTestDatabase();
  const redis = await startTestRedis();
  const system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    workers: 0,
    environment: { WORKER_LOCK_MS: '1000', INGRESS_DEADLINE_MS: '25000' },
  });
  try {
    await run(system);
  } finally {
    await system.stop();
    await redis.stop();
    await database.drop();
  }
}

async function uploadArrived(system: System): Promise<boolean> {
  const { requests } = await simulator(system, '/stats');
  return requests.upload > 0;
}

async function crash(system: System, { point, killedWhileWaiting }: Case, worker: WorkerProcess) {
  if (killedWhileWaiting) {
    await waitFor(() => uploadArrived(system), {
      what: `the upload before the kill ${point}`,
      timeoutMs: 90_000,
    });
    worker.kill('SIGKILL');
  }
  expect(await worker.ended).toBe('SIGKILL');
}

describe('a worker that dies leaves every lead with exactly one effect', () => {
  test.concurrent.each(cases)('killed $point, the dialing system $dialer', async (each) => {
    await withSystem(async (system) => {
      const { point, fault, expected, source } = each;
      if (fault !== undefined) await misbehave(system, { rules: [{ on: 'upload', times: 1, fault }] });
      const worker = await system.addCrashingWorker(point);
      const answering = untilAdmitted(() => post(system, leadNumber(1)));
      await crash(system, each, worker);
      await system.addWorker();
      const answer = await answering;

      expect(answer.status).toBe(expected);
      const leadId = answer.headers.get('x-lead-id');
      const stored = await simulator(system, `/leads?externId=${leadId}`);
      expect(stored.total).toBe(expected === 200 ? 1 : 0);
      if (source !== undefined) expect(answer.headers.get('x-outcome-source')).toBe(source);
      const row = await system.database.lead.findUnique({ where: { id: String(leadId) } });
      expect(row?.state).toBe(expected === 200 ? 'ACCEPTED' : 'REJECTED');
    });
  });
});

describe('a worker that dies with leads of several dialers in its hands leaves each with exactly one effect', () => {
  const points = ['after the intent', 'before the write', 'before the outcome', 'after the outcome'];
  test.concurrent.each(points)('killed %s', async (point) => {
    await withSystem(async (system) => {
      const companies = await addCompanies(system, 6);
      const answering = companies.map((company, n) => submit(system, company, n));
      const worker = await system.addCrashingWorker(point);
      expect(await worker.ended).toBe('SIGKILL');
      // They had waited for a worker, so their intents shared a statement.
      const begun = await system.database.lead.count({ where: { attempt: { gt: 0 } } });
      expect(begun).toBeGreaterThan(1);
      await system.addWorker();

      for (const [at, answer] of (await Promise.all(answering)).entries()) {
        // A busy machine may take longer than callers wait; the lead still ends, with its one effect.
        expect([200, 504]).toContain(answer.status);
        const row = await untilState(system, leadIdOf(answer), 'ACCEPTED');
        expect(row?.attempt).toBeGreaterThan(0);
        const company = companies[at];
        expect(company && (await storedLeadIds(system, company))).toEqual([leadIdOf(answer)]);
      }
    });
  });
});

describe('a worker that dies while it cancels a lead', () => {
  const cancel = (system: System, { key }: Company, leadId: string) =>
    callIngress(system.ingresses[0]?.url ?? '', `/live-feed/leads/${leadId}?inDialer=cancel`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${key}` },
    });

  test.concurrent.each(['beforeStoring', 'afterStoring'])(
    'the caller is told that it is not known, and may repeat it (%s)',
    async (when) => {
      await withSystem(async (system) => {
        const worker = await system.addCrashingWorker('never');
        const company = await addCompany(system);
        const leadId = leadIdOf(await untilAdmitted(() => submit(system, company, 1)));
        await misbehave(system, { rules: [{ on: 'leadActions', times: 1, fault: hang(when) }] });
        const cancelling = cancel(system, company, leadId);
        await waitFor(async () => (await simulator(system, '/stats')).requests.leadActions > 0);
        worker.kill('SIGKILL');
        expect(await cancelling).toMatchObject({
          status: 504,
          body: { code: 'CANCELLATION_UNKNOWN', retryable: true },
        });

        await system.addWorker();
        const repeated = await waitFor(async () => {
          const answer = await cancel(system, company, leadId);
          return answer.status === 200 ? answer : undefined;
        });
        expect(repeated.body).toMatchObject({
          state: 'ACCEPTED',
          inDialer: { answer: 'cancelled', leadState: 'CANCELLED' },
        });
        expect(await storedLeadIds(system, company)).toEqual([leadId]);
      });
    },
  );
});
