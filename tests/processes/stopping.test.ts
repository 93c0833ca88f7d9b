import { type AppSpec, startApp } from '@live-feed/tools/stack/app-process';
import { describe, expect, test } from 'vitest';
import { call, leadNumber, misbehave, simulator } from '../kit/http/client.ts';
import type { Company } from '../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../kit/system/company-without-permits.ts';
import type { Queues } from '../kit/system/queues.ts';
import type { ProcessSystem } from '../kit/system/system.ts';
import { useSystem } from '../kit/system/use-system.ts';
import { waitFor } from '../kit/wait-for.ts';

/** Real processes, told to stop as a supervisor does. */

let system: ProcessSystem;
let queues: Queues;

const environment = { STOP_GRACE_MS: '12000', INGRESS_DRAIN_MS: '3000', WORKER_UPLOAD_TIMEOUT_MS: '5000' };
useSystem({ processes: true, ingresses: 1, workers: 1, companies: 4, environment }, (started) => {
  ({ system, queues } = started);
});

function company(n: number): Company {
  const found = system.companies[n];
  if (found === undefined) throw new RangeError('There are not so many companies.');
  return found;
}

function slowDown({ campaignId }: Company, ms: number): Promise<unknown> {
  return misbehave(system, {
    rules: [{ on: 'upload', match: { campaignId }, fault: { kind: 'delay', ms } }],
  });
}

function submit({ campaignId, key }: Company, n: number, url = system.ingresses.awake()[0]?.url) {
  return call(`${url}/live-feed/ringcx`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(leadNumber(n, campaignId)),
  });
}

function untilUploading(): Promise<unknown> {
  return waitFor(async () => (await simulator(system, '/stats')).concurrent.upload.now > 0, {
    what: 'an upload under way',
  });
}

function untilStopping(metricsUrl: string | undefined): Promise<unknown> {
  return waitFor(
    async () => {
      const { status, body } = await call(`${metricsUrl}/readyz`);
      return status === 503 && body.missing.includes('stopping');
    },
    { what: 'a readiness that says it stops' },
  );
}

function firstOf<T>(processes: readonly T[]): T {
  const [first] = processes;
  if (first === undefined) throw new RangeError('There is no such process.');
  return first;
}

describe('an ingress that is told to stop', () => {
  test('takes leads while balancers find out, then none, answers who waits, and ends with 0', async () => {
    const ingress = firstOf(system.ingresses.awake());
    await slowDown(company(0), 3_000);
    const waiting = submit(company(0), 1);
    await untilUploading();
    ingress.signal('SIGTERM');
    await untilStopping(ingress.metricsUrl);
    const taken = await submit(company(0), 2, ingress.url);
    expect([taken.status, taken.headers.get('connection')]).toEqual([200, 'close']);
    expect((await waiting).status).toBe(200);
    await expect(submit(company(0), 3, ingress.url)).rejects.toThrow('fetch failed');
    expect(await ingress.exited).toEqual({ code: 0, signal: null });
    await system.ingresses.add();
  });

  test('promises the leads that cannot be answered in time', async () => {
    const ingress = firstOf(system.ingresses.awake());
    const unserved = await addCompanyWithoutPermits(system, queues);
    const queue = await queues.of(unserved);
    const waiting = submit(unserved, 3);
    await waitFor(async () => (await queue.getJobCountByTypes('waiting')) > 0, {
      what: 'the job of the lead',
    });
    ingress.signal('SIGTERM');
    const answer = await waiting;
    expect([answer.status, answer.body.code]).toEqual([504, 'OUTCOME_PENDING']);
    expect(await ingress.exited).toEqual({ code: 0, signal: null });
    const id = answer.headers.get('x-lead-id') ?? '';
    const stateOf = async () => (await system.database.lead.findUnique({ where: { id } }))?.state;
    expect(await stateOf()).toBe('QUEUED');
    await givePermits(system, queues, unserved);
    await waitFor(async () => (await stateOf()) === 'ACCEPTED', {
      what: 'the delivery of the promised lead',
    });
    await system.ingresses.add();
  });
});

describe('a worker that is told to stop', () => {
  test('finishes its upload, gives its lane back, and ends with 0', async () => {
    const worker = firstOf(system.workers.awake());
    await slowDown(company(2), 3_000);
    const waiting = submit(company(2), 4);
    await untilUploading();
    worker.signal('SIGTERM');
    await untilStopping(worker.metricsUrl);
    const answer = await waiting;
    expect([answer.status, answer.headers.get('x-outcome-source')]).toEqual([200, 'answer']);
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    // None of its entries is left in the lease registry.
    const registry = await queues.redis.hgetall('{lf:lanes}:board');
    expect(Object.keys(registry).filter((field) => field.startsWith('worker:'))).toEqual([]);
    expect(Object.values(registry).filter((owner) => owner !== '')).toEqual([]);
    await system.workers.add();
    expect((await submit(company(2), 5)).status).toBe(200);
  });

  test('ends at once when it is told again', async () => {
    const worker = firstOf(system.workers.awake());
    await slowDown(company(3), 4_500);
    const waiting = submit(company(3), 6);
    await untilUploading();
    worker.signal('SIGTERM');
    await untilStopping(worker.metricsUrl);
    // What follows within half a second counts as the same signal.
    const again = setInterval(() => worker.signal('SIGTERM'), 100);
    expect(await worker.exited).toEqual({ code: 1, signal: null });
    clearInterval(again);
    const { concurrent } = await simulator(system, '/stats');
    expect(concurrent.upload.now).toBeLessThanOrEqual(1);
    await system.workers.add();
    expect((await waiting).status).toBe(200);
  });
});

test('a console that is told to stop ends with 0', async () => {
  const env: AppSpec['env'] = {
    PATH: process.env['PATH'],
    ...system.environment,
    CONSOLE_PORT: '0',
    CONSOLE_METRICS_PORT: '0',
    CONSOLE_PASSWORD: 'correct horse battery',
  };
  const console = await startApp({ name: 'console', app: 'console', env, log: () => {} });
  await waitFor(async () => (await call(`${console.metricsUrl}/readyz`)).status === 200, {
    what: 'a console that is ready',
  });
  console.signal('SIGTERM');
  expect(await console.exited).toEqual({ code: 0, signal: null });
});
