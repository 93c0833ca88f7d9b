import type { Database } from '@live-feed/database/connection/client';
import {
  findWatchedDialers,
  noteHeld,
  noteReleased,
  type WatchedDialer,
} from '@live-feed/database/webhooks/dialer-events';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import type { DialerHealth, DialerStanding } from '@live-feed/queue/limits/dialer-health';

/** A dialing system that asks for a pause of seconds is at work as usual. */
const SHORT_THROTTLE_MS = 5_000;

/** Whether companies are told that a dialer is held. @param wasHeld as they were told last */
export function isHeld({ reason, heldForMs, probing }: DialerStanding, wasHeld: boolean): boolean {
  // Between holds it is not known yet whether it works again.
  if (wasHeld) return heldForMs > 0 || probing;
  return heldForMs > (reason === 'throttled' ? SHORT_THROTTLE_MS : 0);
}

/**
 * Compares holds with what companies were told of them, and writes events of the difference. It looks at what is, so it does not matter who
 * held or released a dialer, or whether a worker died meanwhile; and a hold that begins and ends between two looks is not told.
 */
export function createHoldWatch(database: Database, health: DialerHealth): () => Promise<void> {
  async function look(dialer: WatchedDialer): Promise<void> {
    const standing = await health.describe(dialerAddress(dialer));
    const held = isHeld(standing, dialer.isHeld);
    if (held === dialer.isHeld) return;
    const { id: dialerId } = dialer;
    const { reason, heldUntil } = standing;
    if (held) await noteHeld(database, dialerId, { dialerId, reason, heldUntil });
    else await noteReleased(database, dialerId, { dialerId });
  }

  return async () => {
    const dialers = await findWatchedDialers(database);
    for (let at = 0; at < dialers.length; at += LOOKS_AT_ONCE) {
      await Promise.all(dialers.slice(at, at + LOOKS_AT_ONCE).map(look));
    }
  };
}

const LOOKS_AT_ONCE = 100;
