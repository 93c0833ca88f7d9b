import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Bed, openBed } from '../bed/bed.ts';
import { slope } from '../figures/slope.ts';
import { leadBodies } from '../load/lead-bodies.ts';
import { atMost } from '../report/verdict.ts';
import type { Scenario } from '../scenario.ts';
import { usageOf } from '../usage/process-usage.ts';

const CALLERS = 10_000;
/** Until code is compiled and caches are filled. */
const WARM_UP = 2_000;
const STEPS = 5;
const TARGET_KB = 30;
/** Callers that connect at once: a backlog of connections would be refused. */
const AT_ONCE = 500;
/** However slow the machine is. */
const WAITING_WITHIN_MS = 20_000;
const FIRST_PHONE = 2_000_000_000;
/** The least by which two looks at the memory are apart; what garbage there is may be collected meanwhile. */
const SETTLE_MS = 2_000;

/** What a caller that waits costs its ingress: a connection, a request, its lead's promise. The worker is stopped meanwhile, so that all of them wait. */
export const waitingCallers: Scenario = {
  name: 'waiting',
  title: 'What a waiting caller costs',
  question: `How much memory does an ingress need for each of ${CALLERS.toLocaleString('en')} waiting callers?`,
  seconds: null,
  async run({ owner, env, say }) {
    const caps = { INGRESS_MAX_WAITING: '20000', INGRESS_MAX_WAITING_PER_COMPANY: '20000' };
    const options = { owner, env: { ...env, ...caps }, say };
    const bed = await openBed(options, { dialerMs: 0, enforceLimits: false });
    const nextBody = leadBodies(FIRST_PHONE);
    const lead = () => nextBody(bed.stack.campaigns.ringcx);
    const warm = await hold(bed, WARM_UP, lead);
    await warm.letGo();
    const levels: { readonly waiting: number; readonly mb: number }[] = [];
    const look = async (waiting: number) => {
      await delay(SETTLE_MS);
      levels.push({ waiting, mb: await ingressMb(bed) });
    };
    await look(0);
    const held: Held[] = [];
    while (held.length < STEPS) {
      held.push(await hold(bed, CALLERS / STEPS, lead));
      await look((held.length * CALLERS) / STEPS);
      say(`${levels.at(-1)?.waiting} callers wait`);
    }
    const statuses: Record<string, number> = {};
    for (const { letGo } of held) addTo(statuses, await letGo());
    const perCallerKb = slope(levels.map(({ waiting, mb }) => [waiting, mb])) * 1_024;
    const answers = Object.entries(statuses).map(([status, count]) => `${count} × ${status}`);
    return {
      machine: bed.machine,
      tables: [
        {
          columns: ['callers waiting', "ingress' RSS MiB"],
          rows: levels.map(({ waiting, mb }) => [waiting.toLocaleString('en'), mb]),
        },
      ],
      remarks: [`What they were answered in the end: ${answers.join(', ')}.`],
      verdicts: [
        atMost({ what: 'each waiting caller', measured: perCallerKb, target: TARGET_KB, unit: 'KiB of RSS' }),
      ],
      facts: { levels, perCallerKb, statuses },
    };
  },
};

function addTo(sum: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
}

interface Held {
  /** @returns how many were answered with which status */
  letGo(): Promise<Record<string, number>>;
}

/** Resolves once all of them wait. */
async function hold(bed: Bed, callers: number, nextLead: () => string): Promise<Held> {
  const { stack, redis } = bed;
  for (const { pid } of stack.workers) process.kill(pid, 'SIGSTOP');
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
  const answers: Promise<number>[] = [];
  const { rows } = await bed.database.query<{ id: string }>(
    "SELECT dialers.id FROM dialers JOIN companies ON companies.id = company_id WHERE companies.name = 'Demo RingCX'",
  );
  const waitKey = `{lf:${rows[0]?.id}}:${rows[0]?.id}:wait`;
  const waiting = () => redis.llen(waitKey);
  const already = await waiting();
  while (answers.length < callers) {
    for (let n = 0; n < AT_ONCE; n += 1) answers.push(submit(bed, agent, nextLead()));
    const endsAt = performance.now() + WAITING_WITHIN_MS;
    while ((await waiting()) < already + answers.length) {
      if (performance.now() > endsAt) throw new Error('Some of the callers do not wait: they were refused.');
      await delay(20);
    }
  }
  return {
    async letGo() {
      for (const { pid } of stack.workers) process.kill(pid, 'SIGCONT');
      const statuses: Record<string, number> = {};
      for (const status of await Promise.all(answers)) statuses[status] = (statuses[status] ?? 0) + 1;
      agent.destroy();
      return statuses;
    },
  };
}

/** @returns the status, or 0 where there was no answer */
function submit({ stack }: Bed, agent: Agent, body: string): Promise<number> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${stack.keys.ringcx}`, 'content-type': 'application/json' };
    const sent = request(`${stack.ingressUrl}/live-feed/ringcx`, {
      method: 'POST',
      agent,
      headers,
      timeout: 60_000,
    });
    sent.on('response', (response) => {
      response.resume().on('close', () => resolve(response.statusCode ?? 0));
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(0));
    sent.end(body);
  });
}

async function ingressMb({ stack }: Bed): Promise<number> {
  const usage = await usageOf(stack.ingresses.map(({ pid }) => pid));
  if (usage === null) throw new Error('Memory is read from /proc, which this system does not have.');
  return usage.rssMb;
}
