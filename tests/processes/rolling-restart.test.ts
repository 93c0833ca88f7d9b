import type { AppProcess } from '@live-feed/tools/stack/app-process';
import { expect, test } from 'vitest';
import { misbehave, simulator } from '../kit/http/client.ts';
import type { Fleet } from '../kit/system/fleet.ts';
import { openLoadBalancer } from '../kit/system/load-balancer.ts';
import { useFleet } from '../kit/system/use-fleet.ts';
import { type Load, startLoad } from '../support/load.ts';
import { reckon } from '../support/reckoning.ts';

/** An upgrade: every process is replaced, one after the other, while callers go on. */

const CALLERS = 50;

async function replace(load: Load, old: AppProcess, startNext: () => Promise<AppProcess>): Promise<void> {
  await startNext();
  await load.moreAccepted(CALLERS);
  old.signal('SIGTERM');
  expect(await old.exited).toEqual({ code: 0, signal: null });
  await load.moreAccepted(CALLERS);
}

async function replaceAll(fleet: Fleet, load: Load): Promise<void> {
  for (const worker of [...fleet.workers]) await replace(load, worker, fleet.startWorker);
  for (const ingress of [...fleet.ingresses]) await replace(load, ingress, fleet.startIngress);
}

let fleet: Fleet;

useFleet({ ingresses: 2, workers: 2, companies: 4 }, (started) => {
  fleet = started;
});

test('a rolling restart under load fails no request and loses no lead', async () => {
  await misbehave(fleet.system, {
    rules: [{ on: 'upload', fault: { kind: 'delay', ms: 100, jitterMs: 200 } }],
  });
  const balancer = openLoadBalancer(fleet);
  const load = startLoad(fleet, CALLERS, balancer);
  try {
    await load.moreAccepted(CALLERS);
    await replaceAll(fleet, load);
    const { requests, ...outcomes } = await reckon(fleet, load);
    const none = { '502': 0, '503': 0, '504': 0, none: 0, other: 0, lost: 0, doubled: 0, wrong: 0 };
    const failed = load.requests.filter(({ answer }) => answer?.status !== 200);
    expect(failed).toEqual([]);
    expect(outcomes).toEqual({ ...none, '200': requests });
    const { duplicateExternIds } = await simulator(fleet.system, '/stats');
    expect(duplicateExternIds.total).toBe(0);
  } finally {
    await load.stop();
    await balancer.close();
  }
});
