import type { AppProcess } from '@live-feed/tools/stack/app-process';
import { expect, test } from 'vitest';
import { misbehave } from '../kit/http/client.ts';
import { comeToRest, historyOf } from '../kit/judge/gather.ts';
import { judge } from '../kit/judge/judge.ts';
import { waiting } from '../kit/load/callers.ts';
import { type Load, startLoad } from '../kit/load/load.ts';
import type { Crew } from '../kit/system/crew.ts';
import { openLoadBalancer } from '../kit/system/load-balancer.ts';
import type { Queues } from '../kit/system/queues.ts';
import type { ProcessSystem } from '../kit/system/system.ts';
import { useSystem } from '../kit/system/use-system.ts';

/** An upgrade: every process is replaced, one after another, under load. */

const CALLERS = 50;

async function replace(load: Load, old: AppProcess, crew: Crew): Promise<void> {
  await crew.add();
  await load.moreAccepted(CALLERS);
  old.signal('SIGTERM');
  expect(await old.exited).toEqual({ code: 0, signal: null });
  await load.moreAccepted(CALLERS);
}

async function replaceAll({ workers, ingresses }: ProcessSystem, load: Load): Promise<void> {
  for (const crew of [workers, ingresses]) {
    for (const process of [...crew.awake()]) await replace(load, process, crew);
  }
}

let system: ProcessSystem;
let queues: Queues;

useSystem({ processes: true, ingresses: 2, workers: 2, companies: 4 }, (started) => {
  ({ system, queues } = started);
});

test('a rolling restart under load fails no request and loses no lead', async () => {
  await misbehave(system, {
    rules: [{ on: 'upload', fault: { kind: 'delay', ms: 100, jitterMs: 200 } }],
  });
  const { companies, ingresses } = system;
  const balancer = openLoadBalancer(ingresses);
  const callers = Array.from({ length: CALLERS }, () => waiting);
  const load = startLoad({ ingresses: ingresses.awake, companies, callers, send: balancer.send });
  try {
    await load.moreAccepted(CALLERS);
    await replaceAll(system, load);
    await load.stop();
    await comeToRest(system.database, queues, companies);
    expect(load.asked.filter(({ answer }) => answer?.status !== 200)).toEqual([]);
    const { asked } = load;
    expect(judge(await historyOf({ system: system, companies, asked, answersWithinMs: 60_000 }))).toEqual([]);
  } finally {
    await load.stop();
    await balancer.close();
  }
});
