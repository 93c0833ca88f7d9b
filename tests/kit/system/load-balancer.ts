import { setTimeout as delay } from 'node:timers/promises';
import { repeat } from '@live-feed/runtime/repeat';
import { type LeadAnswer, type LeadPost, postLead } from '@live-feed/tools/demo/post-lead';
import type { AppProcess } from '@live-feed/tools/stack/app-process';
import type { Crew } from './crew.ts';

export interface LoadBalancer {
  send(lead: LeadPost): Promise<LeadAnswer>;
  close(): Promise<void>;
}

const CHECK_EVERY_MS = 250;
const GIVE_UP_MS = 20_000;
const BETWEEN_TRIES_MS = 50;

/**
 * Sends requests to ready ingresses in turn, and again to the next one after a refused connection or a 429, to which nothing was taken.
 * Any other answer is the caller's. Asks each ingress for its readiness all the time.
 */
export function openLoadBalancer(ingresses: Pick<Crew, 'awake'>): LoadBalancer {
  let ready: readonly AppProcess[] = [];
  let turn = 0;

  const checking = repeat(
    async () => {
      const checked = await Promise.all(ingresses.awake().map(async (each) => (await isReady(each)) && each));
      ready = checked.filter((each) => each !== false);
    },
    CHECK_EVERY_MS,
    () => undefined,
  );

  return {
    async send(lead) {
      const giveUpAt = performance.now() + GIVE_UP_MS;
      for (;;) {
        turn += 1;
        const ingress = ready[turn % ready.length];
        const answer = ingress?.url === undefined ? undefined : await postLead({ ...lead, url: ingress.url });
        const nothingTaken = answer === undefined || answer.status === 429 || answer.code === 'ECONNREFUSED';
        if (answer !== undefined && (!nothingTaken || performance.now() > giveUpAt)) return answer;
        await delay(BETWEEN_TRIES_MS);
      }
    },
    close: () => checking.stop(),
  };
}

async function isReady({ url }: AppProcess): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
