import { OPEN_STATES } from '@live-feed/core/lead/lead-state';
import type { LimitViolation } from '@live-feed/dialer-simulator/control/statistics';
import { call, simulator } from '../http/client.ts';
import type { Company } from '../system/company.ts';
import type { Queues } from '../system/queues.ts';
import type { ProcessSystem } from '../system/system.ts';
import { waitFor } from '../wait-for.ts';
import { overusedAnis } from './ani-caps.ts';
import { wrongFigures } from './figures.ts';
import type { Asked, Copy, Expectation, History, Row } from './history.ts';
import { storedLeads } from './stored-leads.ts';

/**
 * The longest that a lead stays open after its caller has gone: a lost attempt is verified and sent again, and a worker whose clock is
 * minutes ahead delays a lead by as much.
 */
const REST_WITHIN_MS = 480_000;
/** How many leads are looked up at the status endpoint. */
const STATUSES = 20;

/** Waits until no lead of these companies is open, and no job is left. */
export async function comeToRest(
  database: ProcessSystem['database'],
  queues: Pick<Queues, 'of'>,
  companies: readonly Company[],
): Promise<void> {
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

type JudgedSystem = Pick<ProcessSystem, 'ingresses' | 'workers' | 'database' | 'simulatorUrl'>;

export interface LoadedSystem {
  readonly system: JudgedSystem;
  readonly companies: readonly Company[];
  readonly asked: readonly Asked[];
  readonly expectations?: readonly Expectation[];
  /** Default: true. */
  readonly judgesWindows?: boolean;
  readonly answersWithinMs: number;
}

/** Collects what there is to know when all leads have come to rest. */
export async function historyOf(loaded: LoadedSystem): Promise<History> {
  const { system, companies, asked, expectations = [], judgesWindows = true, answersWithinMs } = loaded;
  return {
    asked,
    copies: await copiesOf(system, companies),
    rows: await rowsOf(system, companies),
    statuses: await statusesOf(system, companies, asked),
    takenBack: new Set(),
    silences: [...system.ingresses.silences, ...system.workers.silences],
    expectations,
    answersWithinMs,
    brokenWindows: judgesWindows ? await brokenWindows(system, companies) : [],
    overusedAnis: await overusedAnis(system, companies),
    wrongFigures: await wrongFigures(system.database, companies),
  };
}

/** Of the last hundred, which the simulator keeps. */
async function brokenWindows(system: JudgedSystem, companies: readonly Company[]): Promise<string[]> {
  const { limitViolations } = await simulator(system, '/stats');
  const accounts = new Set(companies.map(({ campaignId }) => campaignId));
  const broken: LimitViolation[] = limitViolations.last;
  return broken
    .filter(({ account }) => accounts.has(account.split('/')[1] ?? ''))
    .map(({ operation, account, window: { requests, perMs }, earlyByMs }) => {
      const limit = `${requests} in ${perMs / 1_000} s`;
      return `${operation} of ${account}, more than ${limit}, ${Math.round(earlyByMs)} ms early`;
    });
}

async function copiesOf(system: JudgedSystem, companies: readonly Company[]): Promise<Copy[]> {
  const copies: Copy[] = [];
  for (const { campaignId } of companies) {
    for (const { externId, leadPhone } of await storedLeads(system, campaignId))
      copies.push({ externId, phone: leadPhone });
  }
  return copies;
}

async function rowsOf({ database }: JudgedSystem, companies: readonly Company[]): Promise<Map<string, Row>> {
  const rows = await database.lead.findMany({
    where: { companyId: { in: companies.map(({ id }) => id) } },
    select: { id: true, state: true, reason: true },
  });
  return new Map(rows.map(({ id, state, reason }) => [id, { state, reason }]));
}

/** Of leads spread evenly over the whole time, so that some are from before, during and after a fault. */
async function statusesOf(system: JudgedSystem, companies: readonly Company[], asked: readonly Asked[]) {
  const [ingress] = system.ingresses.awake();
  const keys = new Map(companies.map(({ id, key }) => [id, key]));
  const told = asked.filter(
    ({ answer }) => answer?.leadId && [200, 202, 502, 504].includes(answer.status ?? 0),
  );
  const every = Math.max(1, Math.floor(told.length / STATUSES));
  const statuses = new Map<string, string | null>();
  for (const { answer, companyId } of told.filter((_, n) => n % every === 0)) {
    const { status, body } = await waitFor(
      async () => {
        const response = await call(`${ingress?.url}/live-feed/leads/${answer?.leadId}`, {
          headers: { authorization: `Bearer ${keys.get(companyId)}` },
        });
        // An ingress that has just lost its connections denies nothing.
        return response.status !== 503 && response;
      },
      { what: 'a status endpoint that can read', everyMs: 250 },
    );
    statuses.set(String(answer?.leadId), status === 200 ? body.state : null);
  }
  return statuses;
}
