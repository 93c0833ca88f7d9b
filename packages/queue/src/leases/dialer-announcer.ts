import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from '../redis/redis.ts';
import { announceDialers } from './lease-registry.ts';

/** How a producer notifies workers of dialers that have leads. */
export interface DialerAnnouncer {
  /**
   * Announces that a dialer has leads: its worker looks at its queue. Call it after adding a lead, not before: a worker that is about to
   * wait, or to give up the dialer's lease, has then either seen the lead, or sees this announcement.
   */
  announce(dialerId: string): void;
  /** From now on a failed announcement is not repeated. */
  close(): void;
}

/** Between two scripts. Dialers that are announced meanwhile share the next one; a lone lead does not wait. */
const GAP_MS = 5;
/** After a failed one. Nobody else would find the leads of a dialer that no worker serves. */
const AGAIN_MS = 500;

/**
 * @param redis owned by the caller, connected for the role `requests` or `jobs`
 * @param onError an announcement failed; it is repeated
 */
export function createDialerAnnouncer(redis: Redis, onError: (error: unknown) => void): DialerAnnouncer {
  const announced = new Set<string>();
  let isSending = false;
  let isClosed = false;

  async function send(): Promise<void> {
    isSending = true;
    while (announced.size > 0) {
      const dialerIds = [...announced];
      announced.clear();
      try {
        await announceDialers(redis, dialerIds);
        await pause(GAP_MS);
      } catch (error) {
        onError(error);
        if (!isClosed) for (const dialerId of dialerIds) announced.add(dialerId);
        await pause(AGAIN_MS);
      }
    }
    isSending = false;
  }

  return {
    announce(dialerId) {
      announced.add(dialerId);
      if (!isSending) void send();
    },
    close() {
      isClosed = true;
    },
  };
}
