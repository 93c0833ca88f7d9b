import type { Asked } from '../kit/judge/history.ts';
import type { Company } from '../kit/system/company.ts';
import type { Ground } from './ground.ts';

/** What a fault can strike. */
export interface Battlefield {
  readonly ground: Ground;
  readonly companies: readonly Company[];
  /** In [0, 1), seeded. */
  readonly random: () => number;
  /** Requests whose callers wait now. */
  waiting(): readonly Asked[];
  /** All requests so far. */
  asked(): readonly Asked[];
  /** Of these callers, to be looked up in the end, so large a share is to be told an outcome: 200 or 502. */
  expectOutcomes(what: string, share: number, callers: () => readonly Asked[]): void;
}

/** Gives back what the fault took. Resolves when it is there again. */
type Heal = () => Promise<void>;

/** One fault, or several at once. */
export interface Disturbance {
  /** For the command line. */
  readonly name: string;
  /** For people: begins a row of the table. */
  readonly what: string;
  /** 0: over as soon as it has struck. Default: as long as the run says. */
  readonly lastsMs?: number;
  /** Strikes again before anything has recovered. */
  readonly relentless?: boolean;
  /** Calls may be late, from permit to arrival, by more than the rate windows allow for. */
  readonly bunchesCalls?: boolean;
  /** PostgreSQL may not write meanwhile: promises are tried for a while after a deadline. */
  readonly mayStopWrites?: boolean;
  strike(field: Battlefield): Promise<Heal>;
}

export interface Fault extends Disturbance {
  /** Of two faults with the same target only one strikes at a time. */
  readonly target: 'workers' | 'ingresses' | 'Redis' | 'PostgreSQL' | 'network' | 'dialing system';
}

/** The fault cannot be had here; the message says why. */
export class CannotArrange extends Error {
  override readonly name = 'CannotArrange';
}

export function pick<T>(random: () => number, from: readonly T[], what: string): T {
  const picked = from[Math.floor(random() * from.length)];
  if (picked === undefined) throw new CannotArrange(`there is no ${what}`);
  return picked;
}
