import { OPEN_STATES } from '@live-feed/core/lead/lead-state';
import type { LimitViolation } from '@live-feed/dialer-simulator/control/statistics';
import { call, simulator } from '../kit/http/client.ts';
import { overusedAnis } from '../kit/judge/ani-caps.ts';
import type { Asked, Copy, Expectation, History, Row } from '../kit/judge/history.ts';
import type { Company } from '../kit/system/company.ts';
import { waitFor } from '../kit/wait-for.ts';
import { DEADLINE_MS, type Ground } from './ground.ts';

/**
 * The longest that a lead is in the works after its caller has gone: a lost attempt is verified, and sent again; and what a worker with a
 * clock that is minutes ahead has put off is taken over as much later.
 */
const REST_WITHIN_MS = 480_000;
const PAGE = 10_000;
/** So many leads are asked for at the status endpoint. */
const STATUSES = 20;

/** Waits until no lead of these companies is in the works any more. */
export async function comeToRest({ database, queues }: Ground, companies: readonly Company[]): Promise<void> {
  const ids = companies.map(({ id }) => id);
  const isAtRest = async () => {
    const open = await database.lead.count({
      where: { companyId: { in: ids }, state: { in: [...OPEN_STATES] } },
    });
    if (open > 0) throw new Error(`${open} leads are open.`);
    for (const company of companies) {
      const queue = await queues.of(company);
      const left = await queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized');
      if (left > 0) throw new Error(`${left} jobs are left.`);
    }
    return true;
  };
  await waitFor(isAtRest, { timeoutMs: REST_WITHIN_MS, everyMs: 250, what: 'the end of all leads' });
}

export interface Trialled {
  readonly ground: Ground;
  readonly companies: readonly Company[];
  readonly asked: readonly Asked[];
  readonly expectations: readonly Expectation[];
  readonly judgesWindows: boolean;
  readonly mayStopWrites: boolean;
}

/** See docs/reliability.md: while PostgreSQL does not write, promises are tried for so long after the deadline. */
const PROMISES_TRIED_MS = 3_000;

/** What there is to know of a trial whose leads have come to rest. */
export async function historyOf(trialled: Trialled): Promise<History> {
  const { ground, companies, asked, expectations, judgesWindows, mayStopWrites } = trialled;
  const rows = await rowsOf(ground, companies);
  return {
    asked,
    copies: await copiesOf(ground, companies),
    rows,
    statuses: await statusesOf(ground, companies, asked),
    silences: [...ground.ingresses.silences, ...ground.workers.silences],
    expectations,
    answersWithinMs: DEADLINE_MS + (mayStopWrites ? PROMISES_TRIED_MS : 0),
    brokenWindows: judgesWindows ? await brokenWindows(ground, companies) : [],
    overusedAnis: await overusedAnis(ground, companies),
  };
}

/** The simulator keeps the last hundred. */
async function brokenWindows(ground: Ground, companies: readonly Company[]): Promise<string[]> {
  const { limitViolations } = await simulator(ground, '/stats');
  const accounts = new Set(companies.map(({ campaignId }) => campaignId));
  const broken: LimitViolation[] = limitViolations.last;
  return broken
    .filter(({ account }) => accounts.has(account.split('/')[1] ?? ''))
    .map(({ operation, account, window: { requests, perMs }, earlyByMs }) => {
      const limit = `${requests} in ${perMs / 1_000} s`;
      return `${operation} of ${account}, more than ${limit}, ${Math.round(earlyByMs)} ms early`;
    });
}

async function copiesOf(ground: Ground, companies: readonly Company[]): Promise<Copy[]> {
  const copies: Copy[] = [];
  for (const { campaignId } of companies) {
    for (let offset = 0; ; offset += PAGE) {
      const path = `/leads?campaignId=${campaignId}&limit=${PAGE}&offset=${offset}`;
      const { leads } = await simulator(ground, path);
      for (const { externId, leadPhone } of leads) copies.push({ externId, phone: leadPhone });
      if (leads.length < PAGE) break;
    }
  }
  return copies;
}

async function rowsOf({ database }: Ground, companies: readonly Company[]): Promise<Map<string, Row>> {
  const rows = await database.lead.findMany({
    where: { companyId: { in: companies.map(({ id }) => id) } },
    select: { id: true, state: true, reason: true },
  });
  return new Map(rows.map(({ id, state, reason }) => [id, { state, reason }]));
}

/** Evenly over the trial, so that leads from before, during and after the fault are among them. */
async function statusesOf(ground: Ground, companies: readonly Company[], asked: readonly Asked[]) {
  const [ingress] = ground.ingresses.awake();
  const keys = new Map(companies.map(({ id, key }) => [id, key]));
  const told = asked.filter(
    ({ answer }) => answer?.leadId && [200, 202, 502, 504].includes(answer.status ?? 0),
  );
  const every = Math.max(1, Math.floor(told.length / STATUSES));
  const statuses = new Map<string, string | null>();
  for (const { answer, companyId } of told.filter((_, n) => n % every === 0)) {
    const { status, body } = await call(`${ingress?.url}/live-feed/leads/${answer?.leadId}`, {
      headers: { authorization: `Bearer ${keys.get(companyId)}` },
    });
    statuses.set(String(answer?.leadId), status === 200 ? body.state : null);
  }
  return statuses;
}
