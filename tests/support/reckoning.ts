import { FINAL_STATES, OPEN_STATES } from '@live-feed/core/lead/lead-state';
import { simulator } from '../kit/http/client.ts';
import type { Fleet } from '../kit/system/fleet.ts';
import { waitFor } from '../kit/wait-for.ts';
import type { Load, Request } from './load.ts';

/** What callers were told, held against the rows and the dialing systems once everything has come to rest. */
export interface Reckoning {
  readonly requests: number;
  readonly '200': number;
  readonly '502': number;
  /** With 429: nothing was taken. */
  readonly '503': number;
  readonly '504': number;
  /** Connections that ended without an answer. */
  readonly none: number;
  readonly other: number;
  /** Told "delivered" or "will be", and not there. */
  readonly lost: number;
  /** There more than once. */
  readonly doubled: number;
  /** There although the caller was told that it is not, or the row and the dialing system disagree. */
  readonly wrong: number;
}

/** The longest that a lead is in the works after its caller has gone: a lost attempt is verified, and sent again. */
const REST_WITHIN_MS = 180_000;
const PAGE = 10_000;

/** Ends the load and waits until no lead is in the works any more. */
export async function reckon(fleet: Fleet, load: Load): Promise<Reckoning> {
  await load.stop();
  await comeToRest(fleet);
  const copies = await storedPhones(fleet);
  const states = await statesOf(fleet, load.requests);
  const told = { '200': 0, '502': 0, '503': 0, '504': 0, none: 0, other: 0 };
  const faults = { lost: 0, doubled: 0, wrong: 0 };
  for (const request of load.requests) {
    told[columnOf(request)] += 1;
    const fault = faultOf(request, copies.get(request.phone) ?? 0, states);
    if (fault !== undefined) faults[fault] += 1;
  }
  return { requests: load.requests.length, ...told, ...faults };
}

async function comeToRest({ system, queues, companies }: Fleet): Promise<void> {
  await waitFor(
    async () => {
      const open = await system.database.lead.count({ where: { state: { in: [...OPEN_STATES] } } });
      if (open > 0) throw new Error(`${open} leads are open.`);
      for (const company of companies) {
        const queue = await queues.of(company);
        const left = await queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized');
        if (left > 0) throw new Error(`${left} jobs are left.`);
      }
      return true;
    },
    { timeoutMs: REST_WITHIN_MS, everyMs: 500, what: 'the end of all leads' },
  );
}

/** Copies in the dialing systems by phone. */
async function storedPhones({ system }: Fleet): Promise<Map<string, number>> {
  const copies = new Map<string, number>();
  for (let offset = 0; ; offset += PAGE) {
    const { leads } = await simulator(system, `/leads?limit=${PAGE}&offset=${offset}`);
    for (const { leadPhone } of leads) copies.set(leadPhone, (copies.get(leadPhone) ?? 0) + 1);
    if (leads.length < PAGE) return copies;
  }
}

async function statesOf({ system }: Fleet, requests: readonly Request[]): Promise<Map<string, string>> {
  const ids = requests.flatMap(({ answer }) => answer?.leadId ?? []);
  const rows = await system.database.lead.findMany({ select: { id: true, state: true } });
  const asked = new Set(ids);
  return new Map(rows.filter(({ id }) => asked.has(id)).map(({ id, state }) => [id, state]));
}

function columnOf({ answer }: Request): '200' | '502' | '503' | '504' | 'none' | 'other' {
  switch (answer?.status) {
    case 200:
      return '200';
    case 502:
      return '502';
    case 429:
    case 503:
      return '503';
    case 504:
      return '504';
    case null:
      return 'none';
    default:
      return 'other';
  }
}

/** The promise, as one function. */
function faultOf(
  request: Request,
  copies: number,
  states: ReadonlyMap<string, string>,
): 'lost' | 'doubled' | 'wrong' | undefined {
  if (copies > 1) return 'doubled';
  const state = states.get(request.answer?.leadId ?? '');
  switch (columnOf(request)) {
    case '200':
      if (copies === 0) return 'lost';
      return state === 'ACCEPTED' ? undefined : 'wrong';
    case '502':
    case '503':
      return copies === 0 ? undefined : 'wrong';
    case '504':
      return faultOfPromise(copies, state);
    case 'none':
    case 'other':
      return undefined;
  }
}

const ended: ReadonlySet<string> = new Set([...FINAL_STATES, 'PARKED']);

function faultOfPromise(copies: number, state: string | undefined): 'lost' | 'wrong' | undefined {
  if (state === undefined || !ended.has(state)) return 'lost';
  // A parked lead may be there: that is what a person is to find out.
  if (state === 'PARKED') return undefined;
  return (state === 'ACCEPTED') === (copies === 1) ? undefined : 'wrong';
}
