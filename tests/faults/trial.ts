import { setTimeout as delay } from 'node:timers/promises';
import { leadNumber } from '../kit/http/client.ts';
import { comeToRest, historyOf } from '../kit/judge/gather.ts';
import type { Asked, CallerKind, Expectation } from '../kit/judge/history.ts';
import { type Breach, judge } from '../kit/judge/judge.ts';
import { mixedCallers } from '../kit/load/callers.ts';
import { type Load, startLoad } from '../kit/load/load.ts';
import { CLEAR } from '../kit/network/condition.ts';
import { addCompany, type Company } from '../kit/system/company.ts';
import { waitFor } from '../kit/wait-for.ts';
import { CannotArrange, type Disturbance, type FaultContext } from './fault.ts';
import { randomFor } from './plan.ts';
import { dialingSystemsDo } from './system/dialing-system.ts';
import { DEADLINE_MS, type TestedSystem } from './system/tested-system.ts';

/** A row of the table. */
export interface Trial {
  readonly disturbance: Disturbance;
  /** How often it struck. */
  readonly times: number;
  readonly asked: readonly Asked[];
  readonly breaches: readonly Breach[];
  /** From the end of a fault to the first 200 to a lead submitted after it, at the company that waited longest. */
  readonly recoveryMs: number | null;
  /** Whether there were caps of ANIs to be kept. */
  readonly judgesCaps: boolean;
  /** Expectations about callers of which there were none. */
  readonly unseen: readonly string[];
  /** Why the fault could not be caused. */
  readonly skipped?: string;
  /** Why it could not be judged: which condition did not come true. */
  readonly failed?: string;
}

export interface TrialOptions {
  readonly system: TestedSystem;
  /** How long a fault lasts that has no time of its own, and how long one that is over at once goes on striking. */
  readonly seconds: number;
  readonly seed: number;
  /** Counts up over all trials of a run: no two leads have the same phone. */
  readonly nextNumber: () => number;
}

const COMPANIES = 4;
/** The number of the one that signs in with a JWT. */
export const SIGNS_IN = 2;
/** As documented for RingCX; the simulator enforces them. */
const WINDOWS = [
  { requests: 30, perMs: 10_000 },
  { requests: 120, perMs: 60_000 },
];
/** See docs/reliability.md: while PostgreSQL does not write, promises are tried for this long after the deadline. */
const PROMISES_TRIED_MS = 3_000;
const RECOVERS_WITHIN_MS = 120_000;

/** Strikes a system under load, lets everything come to rest, and holds what callers were told against what became of their leads. */
export async function runTrial(disturbance: Disturbance, options: TrialOptions): Promise<Trial> {
  const { system, seed, nextNumber } = options;
  await system.ingresses.fill(2);
  await system.workers.fill(2);
  await dialingSystemsDo(system);
  const companies = await addCompanies(system);
  const expected: Expected[] = [];
  const random = randomFor(seed, disturbance.name);
  const load = startLoad({
    ingresses: system.ingresses.awake,
    companies,
    callers: mixedCallers,
    randomFor: (caller) => randomFor(seed, `${disturbance.name}, caller ${caller}`),
    nextPhone: () => leadNumber(nextNumber()).lead.leadPhone,
  });
  const context: FaultContext = {
    system,
    companies,
    random,
    waiting: load.waiting,
    asked: () => load.asked,
    expectOutcomes: (what, share, callers) => expected.push({ what, share, callers }),
  };
  const strikes: Strikes = { times: 0, recoveryMs: null };
  try {
    await untilAllAccept(load, companies, 0);
    await strikeFor(disturbance, context, load, strikes, options.seconds);
    await load.stop();
    await comeToRest(system.database, system.queues, companies);
    const expectations = overAllStrikes(expected);
    const history = await historyOf({
      ...{ system, companies, asked: load.asked, expectations },
      judgesWindows: disturbance.bunchesCalls !== true,
      answersWithinMs: DEADLINE_MS + (disturbance.mayStopWrites === true ? PROMISES_TRIED_MS : 0),
    });
    return {
      ...{ disturbance, ...strikes, asked: load.asked, breaches: judge(history) },
      judgesCaps: history.overusedAnis !== null,
      unseen: expectations.filter(({ asked }) => asked.length === 0).map(({ what }) => what),
    };
  } catch (error) {
    await load.stop();
    const why = error instanceof CannotArrange ? 'skipped' : 'failed';
    const unjudged = { breaches: [], judgesCaps: false, unseen: [] };
    return { disturbance, ...strikes, asked: load.asked, ...unjudged, [why]: described(error) };
  } finally {
    system.proxy.setCondition(CLEAR);
  }
}

interface Expected {
  readonly what: string;
  readonly share: number;
  readonly callers: () => readonly Asked[];
}

/** Their leads may be refused without an outcome. */
const REFUSED: ReadonlySet<CallerKind> = new Set(['rival', 'suppressed']);

/** One expectation of each kind, with the callers of all strikes. */
function overAllStrikes(expected: readonly Expected[]): Expectation[] {
  const kinds = new Map(expected.map(({ what, share }) => [what, share]));
  return [...kinds].map(([what, share]) => ({
    what,
    share,
    asked: expected
      .filter((each) => each.what === what)
      .flatMap(({ callers }) => callers())
      .filter(({ kind }) => !REFUSED.has(kind)),
  }));
}

interface Strikes {
  times: number;
  recoveryMs: number | null;
}

async function strikeFor(
  { strike, lastsMs, relentless = false }: Disturbance,
  context: FaultContext,
  load: Load,
  strikes: Strikes,
  seconds: number,
): Promise<void> {
  const endsAtMs = performance.now() + seconds * 1_000;
  let isLast = false;
  while (!isLast) {
    strikes.times += 1;
    const heal = await strike(context);
    let overAtMs = performance.now();
    if (lastsMs !== 0) await delay(lastsMs ?? seconds * 1_000);
    await heal();
    if (lastsMs !== 0) overAtMs = performance.now();
    isLast = performance.now() >= endsAtMs;
    if (relentless && !isLast) continue;
    const recoveredAtMs = await untilAllAccept(load, context.companies, overAtMs);
    strikes.recoveryMs = Math.max(strikes.recoveryMs ?? 0, recoveredAtMs - overAtMs);
    isLast ||= performance.now() >= endsAtMs;
    await delay(context.random() * 500);
  }
}

/** Waits until every company has had a 200 to a lead submitted after that moment. @returns when the last one had */
async function untilAllAccept(load: Load, companies: readonly Company[], afterMs: number): Promise<number> {
  const times = await waitFor(
    () => {
      const accepted = companies.flatMap((company) => load.acceptedAtMs(company, afterMs) ?? []);
      return accepted.length === companies.length && accepted;
    },
    { what: 'a 200 for every company', timeoutMs: RECOVERS_WITHIN_MS, everyMs: 50 },
  );
  return Math.max(...times);
}

async function addCompanies(system: TestedSystem): Promise<Company[]> {
  const companies: Company[] = [];
  for (let n = 0; n < COMPANIES; n += 1) {
    const family = n % 2 === 0 ? 'ringcx' : 'newbridge';
    const path = family === 'ringcx' ? 'voice' : 'newbridge';
    const baseUrl = `http://127.0.0.1:${system.proxy.port}/${path}/api`;
    const signsIn = n === SIGNS_IN ? ({ signsIn: 'with a JWT' } as const) : {};
    const refusesDuplicates = n >= COMPANIES / 2;
    companies.push(
      await addCompany(system, { family, baseUrl, uploadWindows: WINDOWS, refusesDuplicates, ...signsIn }),
    );
  }
  return companies;
}

function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
