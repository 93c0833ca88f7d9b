import { setTimeout as delay } from 'node:timers/promises';
import { repeat } from '@live-feed/runtime/repeat';
import type { AppProcess } from '@live-feed/tools/stack/app-process';
import { submit } from '../../support/load.ts';
import type { Fleet } from './fleet.ts';

export interface LoadBalancer {
  readonly send: typeof submit;
  close(): Promise<void>;
}

const CHECK_EVERY_MS = 250;
const GIVE_UP_MS = 20_000;
const BETWEEN_TRIES_MS = 50;

/**
 * What stands in front of ingresses: it asks each for its readiness all the time, sends requests in turns to those that are ready,
 * and to the next one where nothing was taken: a refused connection, a 429. Anything else is the caller's answer.
 */
export function openLoadBalancer(fleet: Fleet): LoadBalancer {
  let ready: readonly AppProcess[] = [];
  let turn = 0;

  const checking = repeat(
    async () => {
      const checked = await Promise.all(fleet.ingresses.map(async (each) => (await isReady(each)) && each));
      ready = checked.filter((each) => each !== false);
    },
    CHECK_EVERY_MS,
    () => undefined,
  );

  return {
    async send(_own, key, body) {
      const giveUpAt = performance.now() + GIVE_UP_MS;
      for (;;) {
        turn += 1;
        const ingress = ready[turn % ready.length];
        const answer = ingress === undefined ? undefined : await submit(ingress, key, body);
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
