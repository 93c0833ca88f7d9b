import type { Company } from './companies.ts';
import type { CallersPlan, LoadResult, PacedPlan } from './load/load-plan.ts';
import { phoneRanges } from './load/phone-ranges.ts';
import { type LoadObserver, runLoad } from './load/run-load.ts';
import type { StudyOptions } from './study.ts';
import { openTestBed, type TestBed } from './test-bed.ts';

type Times = Pick<PacedPlan, 'warmupMs' | 'measuredMs'>;

/** Live Feed alone, and what a study puts on it. */
export interface OwnBed extends TestBed {
  /** Leads evenly spaced, of each company through all ingresses. */
  paced(
    load: Times & { readonly companies: Company[]; readonly perSecond: number },
    observer?: LoadObserver,
  ): Promise<LoadResult>;
  /** Callers at one ingress, by default the first. */
  callers(
    load: Times & { readonly companies: Company[]; readonly callers: number; readonly ingress?: number },
    observer?: LoadObserver,
  ): Promise<LoadResult>;
}

export async function openOwnBed(
  { owner, env, say }: Pick<StudyOptions, 'owner' | 'env' | 'say'>,
  setting: {
    readonly dialerMs: number;
    readonly enforceLimits: boolean;
    readonly replicas?: { readonly ingresses: number; readonly workers: number };
  },
): Promise<OwnBed> {
  const { dialerMs, ...rest } = setting;
  const bed = await openTestBed({ owner, env, candidates: new Set(['live-feed']), say, ...rest });
  await bed.simulator.behave({ delayMs: dialerMs, enforceLimits: setting.enforceLimits });
  const urls = bed.stack.ingresses.map(({ url }) => new URL('/live-feed/ringcx', url).href);
  const nextPhones = phoneRanges();
  return {
    ...bed,
    paced: (load, observer) => {
      const plan: PacedPlan = { kind: 'paced', urls, firstPhone: nextPhones(), ...load };
      return runLoad(owner, plan, observer);
    },
    callers: ({ ingress = 0, ...load }, observer) => {
      const url = urls[ingress];
      if (url === undefined) throw new RangeError(`There is no ingress ${ingress}.`);
      const plan: CallersPlan = { kind: 'callers', url, firstPhone: nextPhones(), ...load };
      return runLoad(owner, plan, observer);
    },
  };
}
