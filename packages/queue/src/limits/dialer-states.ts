import { idTimeMs, isId } from '@live-feed/core/ids';
import { readQueueState } from '../jobs/queue-state.ts';
import type { Redis } from '../redis/redis.ts';
import type { DialerAddress } from './dialer-address.ts';
import { createDialerHealth, type DialerStanding } from './dialer-health.ts';

/** Whether a dialer sends, and what waits for it. */
export interface DialerState {
  /** By an operator; a drained dialer is paused too. */
  readonly paused: boolean;
  /** Leads in its queue, without those that a worker has taken. */
  readonly waiting: number;
  /** When the lead that is taken next was received; null if none can be taken now. */
  readonly waitingSince: Date | null;
  /** Undefined: it is not held, and has no failures. */
  readonly standing: DialerStanding | undefined;
}

/** Asked about at once. */
const BATCH = 200;

/**
 * The states of many dialers, by id: two cheap commands each.
 *
 * @param redis connected for the role `requests`
 * @throws Error if Redis does not answer, or it takes longer than `limitMs`
 */
export async function readDialerStates(
  redis: Redis,
  addresses: readonly DialerAddress[],
  limitMs: number,
): Promise<ReadonlyMap<string, DialerState>> {
  const endsAtMs = performance.now() + limitMs;
  const states = new Map<string, DialerState>();
  for (let from = 0; from < addresses.length; from += BATCH) {
    if (performance.now() > endsAtMs)
      throw new Error('Redis is too slow: the states of the dialers are not known.');
    await Promise.all(
      addresses
        .slice(from, from + BATCH)
        .map(async (address) => states.set(address.dialerId, await readState(redis, address))),
    );
  }
  return states;
}

async function readState(redis: Redis, address: DialerAddress): Promise<DialerState> {
  const health = createDialerHealth(redis);
  const [{ paused, waiting, delayed, nextLeadIds }, isTroubled] = await Promise.all([
    readQueueState(redis, address.dialerId),
    health.isTroubled(address),
  ]);
  const [next] = waiting > 0 ? nextLeadIds.filter(isId) : [];
  return {
    paused,
    waiting: waiting + delayed,
    waitingSince: next === undefined ? null : new Date(idTimeMs(next)),
    standing: isTroubled ? await health.describe(address) : undefined,
  };
}
