import type { Asked } from '../kit/judge/history.ts';
import type { Company } from '../kit/system/company.ts';
import type { TestedSystem } from './system/tested-system.ts';

/** What a fault gets: the system that it breaks, and the requests to it. */
export interface FaultContext {
  readonly system: TestedSystem;
  readonly companies: readonly Company[];
  /** In [0, 1), seeded. */
  readonly random: () => number;
  /** Requests whose callers wait now. */
  waiting(): readonly Asked[];
  /** All requests so far. */
  asked(): readonly Asked[];
  /** Expects that at least this share of the callers gets an outcome, 200 or 502. `callers` is called at the end. */
  expectOutcomes(what: string, share: number, callers: () => readonly Asked[]): void;
}

/** Ends the fault. Resolves when what it broke works again. */
type Heal = () => Promise<void>;

/** One fault, or several at once. */
export interface Disturbance {
  /** For the command line. */
  readonly name: string;
  /** For people: the first cell of its row in the table. */
  readonly what: string;
  /** How long it lasts, milliseconds; 0: it is over at once. Default: `--seconds`. */
  readonly lastsMs?: number;
  /** It strikes again before the system has recovered. */
  readonly relentless?: boolean;
  /** Calls may be late, from permit to arrival, by more than the rate windows allow for. */
  readonly bunchesCalls?: boolean;
  /** PostgreSQL may not write meanwhile: promises are tried for a while after a deadline. */
  readonly mayStopWrites?: boolean;
  strike(context: FaultContext): Promise<Heal>;
}

export interface Fault extends Disturbance {
  /** Of two faults with the same target only one strikes at a time. */
  readonly target: 'workers' | 'ingresses' | 'Redis' | 'PostgreSQL' | 'network' | 'dialing system';
}

/** The fault cannot be caused on this machine; the message says why. */
export class CannotArrange extends Error {
  override readonly name = 'CannotArrange';
}

export function pick<T>(random: () => number, from: readonly T[], what: string): T {
  const picked = from[Math.floor(random() * from.length)];
  if (picked === undefined) throw new CannotArrange(`there is no ${what}`);
  return picked;
}
