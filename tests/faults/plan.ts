import { setTimeout as delay } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { seededRandom } from '@live-feed/tools/seeded-random';
import type { Disturbance, Fault, FaultContext } from './fault.ts';

/** What strikes in a run, by its seed. */
export interface PlanOptions {
  readonly catalogue: readonly Fault[];
  readonly seed: number;
  /** How long a fault lasts that has no time of its own. */
  readonly seconds: number;
  /** A name, or the beginning of several; empty: everything. */
  readonly only: readonly string[];
}

const COMBINATIONS = 6;
/** Faults of a combination begin within this. */
const WITHIN_MS = 2_000;

/** First every fault singly, then random combinations. */
export function planOf({ catalogue, seed, seconds, only }: PlanOptions): Disturbance[] {
  const random = seededRandom(seed);
  const combinations = Array.from({ length: COMBINATIONS }, (_, n) =>
    combine(`combination-${n + 1}`, drawFaults(catalogue, random), seconds),
  );
  const everything = [...catalogue, ...combinations];
  if (only.length === 0) return everything;
  return everything.filter(({ name }) =>
    only.some((wanted) => name === wanted || name.startsWith(`${wanted}-`)),
  );
}

/** The same numbers for the same seed, whatever else is in the plan. */
export function randomFor(seed: number, what: string): () => number {
  return seededRandom((seed ^ crc32(Buffer.from(what))) >>> 0);
}

/** Two or three, no two of which have the same target. */
function drawFaults(catalogue: readonly Fault[], random: () => number): Fault[] {
  const wanted = random() < 0.5 ? 2 : 3;
  const drawn: Fault[] = [];
  while (drawn.length < wanted) {
    const left = catalogue.filter(({ target }) => drawn.every((fault) => fault.target !== target));
    const fault = left[Math.floor(random() * left.length)];
    if (fault === undefined) break;
    drawn.push(fault);
  }
  return drawn;
}

/** Each begins, lasts and ends on its own; the combination is over when all of them are. */
function combine(name: string, faults: readonly Fault[], seconds: number): Disturbance {
  return {
    name,
    what: faults.map(({ what }) => what).join(' + '),
    lastsMs: 0,
    bunchesCalls: faults.some(({ bunchesCalls }) => bunchesCalls),
    mayStopWrites: faults.some(({ mayStopWrites }) => mayStopWrites),
    async strike(context) {
      const contexts = faults.map(() => ofItsOwn(context));
      const ends = await Promise.allSettled(
        faults.map(async (fault, n) => {
          const { [n]: own = context } = contexts;
          await delay(own.random() * WITHIN_MS);
          const heal = await fault.strike(own);
          await delay(fault.lastsMs ?? seconds * 1_000);
          await heal();
        }),
      );
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      return async () => {};
    },
  };
}

/** What one fault alone lets be expected no longer holds. */
function ofItsOwn(context: FaultContext): FaultContext {
  return {
    ...context,
    random: seededRandom(Math.floor(context.random() * 2 ** 32)),
    expectOutcomes: () => {},
  };
}
