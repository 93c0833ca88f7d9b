import type { Owner } from '@live-feed/tools/stack/owner';
import type { Bed } from '../bed/bed.ts';
import { startDirect, startPlainQueue } from './baseline-processes.ts';
import { createDialerSettings } from './dialer-settings.ts';
import type { CandidateName, Point } from './point.ts';

/** A candidate, ready to be measured. */
interface Candidate {
  readonly url: string;
  readonly pids: readonly number[];
}

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
  const { redisUrl, simulatorUrl, ingressUrl, ingresses, workers } = stack;
  const apiKey = stack.keys.ringcx;
  const surroundings = { owner, apiKey, redisUrl, simulatorUrl };
  const direct = names.has('direct') ? await startDirect(surroundings) : undefined;
  const plainQueue = names.has('plain-queue') ? await startPlainQueue(surroundings) : undefined;
  const setDialer = createDialerSettings(database, apiKey);
  let queue: Candidate | undefined;
  return {
    async setConcurrency(concurrency) {
      queue = await plainQueue?.withConcurrency(concurrency);
    },
    async prepare({ candidate, uploadMaximum, inFlight }) {
      if (candidate === 'live-feed') {
        await setDialer({ uploadMaximum, inFlight: inFlight ?? 1, keepWindows: enforceLimits });
        return { url: ingressUrl, pids: [...ingresses, ...workers].map(({ pid }) => pid) };
      }
      const started = candidate === 'direct' ? direct : queue;
      if (started === undefined) throw new Error(`The candidate ${candidate} was not started.`);
      return started;
    },
  };
}
