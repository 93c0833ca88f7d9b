import { setTimeout as pause } from 'node:timers/promises';
import type { DialerAccount, ReadBackResult } from '@live-feed/dialers/lead-loader';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import type { DeliveryTools } from '../delivery/delivery-tools.ts';
import type { ServedDialer } from '../dialer/dialer-directory.ts';

/** How long to wait for the right to ask. */
const LONGEST_PERMIT_WAIT_MS = 5_000;
/** Of the account's burst: `admin dialer test` gets one whatever the workers ask. */
const LEFT_FOR_PEOPLE = 1;

/** Read-back has limits of its own. */
export async function mayAsk(tools: DeliveryTools, dialer: ServedDialer): Promise<boolean> {
  const address = dialerAddress(dialer.record);
  const giveUpAt = performance.now() + LONGEST_PERMIT_WAIT_MS;
  try {
    while (!tools.stopping.aborted) {
      const answer = await tools.readBackPermits.take(address, dialer.readBackBucket, LEFT_FOR_PEOPLE);
      if (answer.kind === 'granted') return true;
      if (performance.now() + answer.waitMs > giveUpAt) return false;
      await pause(answer.waitMs, undefined, { signal: tools.stopping }).catch(() => undefined);
    }
  } catch (error) {
    tools.logger.warn({ err: error }, 'no permit could be had for a read-back');
  }
  return false;
}

/** Under a permit that the caller has, for the first request; a search of several takes more. */
export function readBack(
  tools: DeliveryTools,
  dialer: ServedDialer,
  account: DialerAccount,
  campaignId: string,
  leadIds: readonly string[],
): Promise<ReadBackResult> {
  let permitted = true;
  return dialer.loader.readBack(account, campaignId, leadIds, async () => {
    if (!permitted) return mayAsk(tools, dialer);
    permitted = false;
    return true;
  });
}
