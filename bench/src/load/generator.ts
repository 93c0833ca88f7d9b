import { performance } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import autocannon from 'autocannon';
import { createErrorCounts } from './error-counts.ts';
import { leadBodies } from './lead-bodies.ts';
import { callersPlanSchema, companyOf, type LoadReport } from './load-plan.ts';
import { WaitingTimes } from './waiting-times.ts';

// A process of its own, so that what it costs is not taken for the cost of what it loads.
const plan = callersPlanSchema.parse(JSON.parse(await text(process.stdin)));
const times = new WaitingTimes();
const errors = createErrorCounts();
/** When each caller sent the request that it waits for: at the start, then whenever it was answered. */
const askedAtMs = new Map<autocannon.Client, number>();
let measuring = false;
let accepted = 0;

const startedAtMs = performance.now();
const nextBody = leadBodies(plan.firstPhone);
let turn = 0;
const load = autocannon(
  {
    url: plan.url,
    method: 'POST',
    connections: plan.callers,
    duration: (plan.warmupMs + plan.measuredMs) / 1_000 + 60, // ended below
    timeout: 30,
    requests: [{ setupRequest: (request) => ({ ...request, ...nextLead() }) }],
  },
  () => {},
);
load.on('response', (client, status, _bytes, waitedMs) => {
  askedAtMs.set(client, performance.now());
  if (status !== 200) errors.add(String(status));
  else if (measuring) {
    accepted += 1;
    times.add(waitedMs);
  }
});
load.on('reqError', (error: NodeJS.ErrnoException) => errors.add(error.code ?? error.message));

await delay(plan.warmupMs);
measuring = true;
const cpuBefore = process.cpuUsage();
const fromMs = performance.now();
report({ phase: 'measuring' });

await delay(plan.measuredMs);
measuring = false;
const endMs = performance.now();
const { user, system } = process.cpuUsage(cpuBefore);
times.addStillWaiting(stillWaiting(endMs));
report({ phase: 'measured' });
report({
  phase: 'result',
  result: {
    accepted,
    perSecond: (accepted / (endMs - fromMs)) * 1_000,
    p50Ms: times.percentile(50),
    p99Ms: times.percentile(99),
    ...errors.counts(),
    generatorCpuPercent: (user + system) / 10 / (endMs - fromMs),
  },
});
process.stdout.end(() => process.exit()); // hangs up on whoever still has to answer

function nextLead() {
  const { key, campaignId } = companyOf(plan, turn++);
  return {
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: nextBody(campaignId),
  };
}

function stillWaiting(nowMs: number): number[] {
  const neverAnswered = Array.from({ length: plan.callers - askedAtMs.size }, () => startedAtMs);
  return [...neverAnswered, ...askedAtMs.values()].map((askedAt) => nowMs - askedAt);
}

function report(line: LoadReport): void {
  console.log(JSON.stringify(line));
}
