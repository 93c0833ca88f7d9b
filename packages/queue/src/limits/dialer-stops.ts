import { queueName, queuePrefix } from '../jobs/dialer-queue.ts';
import { QueueUnavailableError } from '../jobs/lead-producer.ts';
import { isReady, type Redis } from '../redis/redis.ts';
import { type DialerAddress, dialerKeys } from './dialer-address.ts';

/** What stops a dialer's uploads, whether or not a lane serves it. */
export interface DialerStop {
  /** By an operator; a drained dialer is paused too. */
  readonly paused: boolean;
  /** Until the hold ends; 0 if there is none. */
  readonly heldForMs: number;
}

/**
 * Two cheap commands in one round trip.
 *
 * @param redis connected for the role `requests`
 * @throws QueueUnavailableError within 2 s
 */
export async function readDialerStop(redis: Redis, address: DialerAddress): Promise<DialerStop> {
  if (!isReady(redis)) throw new QueueUnavailableError('no');
  const { dialerId } = address;
  try {
    const [heldForMs, paused] = await Promise.all([
      redis.pttl(dialerKeys(address).hold),
      redis.hexists(`${queuePrefix(dialerId)}:${queueName(dialerId)}:meta`, 'paused'),
    ]);
    return { paused: paused === 1, heldForMs: Math.max(0, heldForMs) };
  } catch (error) {
    throw new QueueUnavailableError('no', error);
  }
}
