import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { createErrorCounts } from './error-counts.ts';
import { leadBodies } from './lead-bodies.ts';
import { companyOf, type LoadReport, pacedPlanSchema } from './load-plan.ts';
import { WaitingTimes } from './waiting-times.ts';

/** The least time between two looks at what is due. */
const tickMs = 1;
const answerLimitMs = 30_000;
/** After the last lead was sent: connecting may take long, too, to a system that is overrun. */
const drainLimitMs = answerLimitMs + 10_000;
/** A system that answers nobody must not use up the machine's memory. */
const mostWaiting = 20_000;

// A process of its own, so that what it costs is not taken for the cost of what it loads.
const plan = pacedPlanSchema.parse(JSON.parse(await text(process.stdin)));
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
const nextBody = leadBodies(plan.firstPhone);
const times = new WaitingTimes();
const errors = createErrorCounts();
const waiting = new Set<Promise<void>>();
let sent = 0;
let accepted = 0;
let acceptedInAll = 0;

const startedAtMs = performance.now();
const measuredFromMs = startedAtMs + plan.warmupMs;
const endMs = measuredFromMs + plan.measuredMs;
const ended = delay(plan.warmupMs + plan.measuredMs);
const sending = sendWhatIsDue();

await delay(plan.warmupMs);
const cpuBefore = process.cpuUsage();
report({ phase: 'measuring' });
await ended;
const { user, system } = process.cpuUsage(cpuBefore);
report({ phase: 'measured' });
await sending;
await Promise.race([Promise.all(waiting), delay(drainLimitMs)]);
for (const _ of waiting) errors.add('no answer');
report({
  phase: 'result',
  result: {
    accepted,
    perSecond: (accepted / plan.measuredMs) * 1_000,
    p50Ms: times.percentile(50),
    p99Ms: times.percentile(99),
    ...errors.counts(),
    generatorCpuPercent: (user + system) / 10 / plan.measuredMs,
    whole: { sent, accepted: acceptedInAll },
  },
});
process.stdout.end(() => process.exit());

async function sendWhatIsDue(): Promise<void> {
  const gapMs = 1_000 / plan.perSecond;
  for (let nowMs = performance.now(); nowMs < endMs; nowMs = performance.now()) {
    for (let dueMs = dueAtMs(); dueMs <= nowMs; dueMs = dueAtMs()) send(dueMs);
    await delay(tickMs);
  }
  function dueAtMs(): number {
    return startedAtMs + sent * gapMs;
  }
}

/** Who is served late waits from when the lead was due: a system that is slow must not be asked less for it. */
function send(dueMs: number): void {
  const turn = sent++;
  if (waiting.size >= mostWaiting) {
    errors.add('not sent');
    return;
  }
  const measured = dueMs >= measuredFromMs;
  const answered = post(turn).then(
    (status) => {
      if (status !== 200) return errors.add(String(status));
      acceptedInAll += 1;
      if (!measured) return;
      accepted += 1;
      times.add(performance.now() - dueMs);
    },
    (error: NodeJS.ErrnoException) => errors.add(error.code ?? error.message),
  );
  waiting.add(answered);
  void answered.then(() => waiting.delete(answered));
}

function post(turn: number): Promise<number> {
  const { key, campaignId } = companyOf(plan, turn);
  const url = plan.urls[Math.floor(turn / plan.companies.length) % plan.urls.length] ?? '';
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent, headers, timeout: answerLimitMs });
    asked.on('response', (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', reject);
    });
    asked.on('timeout', () => asked.destroy(new Error('timeout')));
    asked.on('error', reject);
    asked.end(nextBody(campaignId));
  });
}

function report(line: LoadReport): void {
  console.log(JSON.stringify(line));
}
