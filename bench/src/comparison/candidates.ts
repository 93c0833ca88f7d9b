import type { Company } from '@live-feed/tests/kit/system/company';
import type { Owner } from '@live-feed/tools/stack/owner';
import type { Bed } from '../bed/bed.ts';
import { type Candidate, startDirect, startPlainQueue } from './baseline-processes.ts';
import { createDialerSettings } from './dialer-settings.ts';
import type { CandidateName, Point } from './point.ts';

export interface Candidates {
  /** Makes the point's candidate ready. */
  prepare(point: Point): Promise<Candidate>;
  /** Sets how many jobs the plain queue runs at once. */
  setConcurrency(concurrency: number): Promise<void>;
}

/** Starts the baselines among these. */
export async function startCandidates(
  owner: Owner,
  { stack, database }: Bed,
  names: ReadonlySet<CandidateName>,
  enforceLimits: boolean,
): Promise<Candidates> {
  const apiKey = stack.keys.ringcx;
  // Each on a sub-account of its own, so that none uses up the windows of another.
  const around = (accountId: string) => ({ owner, stack, accounts: [{ apiKey, accountId }] });
  const direct = names.has('direct') ? await startDirect(around('direct')) : undefined;
  const plainQueue = names.has('plain-queue') ? await startPlainQueue(around('plain-queue')) : undefined;
  const setDialer = createDialerSettings(database, apiKey);
  let queue: Candidate | undefined;
  return {
    async setConcurrency(concurrency) {
      queue = await plainQueue?.withConcurrency(concurrency);
    },
    async prepare({ candidate, uploadMaximum, inFlight }) {
      if (candidate === 'live-feed') {
        await setDialer({ uploadMaximum, inFlight: inFlight ?? 1, keepWindows: enforceLimits });
        return liveFeedOf(stack);
      }
      const started = candidate === 'direct' ? direct : queue;
      if (started === undefined) throw new Error(`The candidate ${candidate} was not started.`);
      return started;
    },
  };
}

/** Makes one candidate serve these companies' dialers. For a baseline, Live Feed's own processes are stopped. */
export async function startAlone(
  owner: Owner,
  { stack }: Pick<Bed, 'stack'>,
  {
    candidate,
    companies,
    concurrency,
  }: {
    readonly candidate: CandidateName;
    readonly companies: readonly Company[];
    /** Of the plain queue. */
    readonly concurrency: number;
  },
): Promise<Candidate> {
  if (candidate === 'live-feed') return liveFeedOf(stack);
  await Promise.all([...stack.ingresses, ...stack.workers].map((each) => each.stop()));
  const accounts = companies.map(({ key, campaignId }) => ({ apiKey: key, accountId: campaignId }));
  const surroundings = { owner, stack, accounts };
  if (candidate === 'direct') return startDirect(surroundings);
  return (await startPlainQueue(surroundings)).withConcurrency(concurrency);
}

function liveFeedOf({ ingressUrl, ingresses, workers }: Bed['stack']): Candidate {
  return { url: ingressUrl, pids: [...ingresses, ...workers].map(({ pid }) => pid) };
}
