import type { UploadResult } from '@live-feed/dialers/lead-loader';
import type { DialerAddress } from '@live-feed/queue/limits/dialer-address';
import type { NotedTrouble } from '@live-feed/queue/limits/dialer-health';
import type { DeliveryTools } from './delivery-tools.ts';

const NOTHING: NotedTrouble = { heldForMs: 0, begun: false };

/**
 * A dialing system's state is everybody's business; that it could not be shared is no reason to fail a lead.
 *
 * @param troubled whether there is something that a success would clear
 */
export async function noteHealth(
  tools: DeliveryTools,
  address: DialerAddress,
  result: UploadResult,
  troubled: boolean,
): Promise<void> {
  const { logger } = tools;
  const { dialerId } = address;
  try {
    const { heldForMs, begun } = await noted(tools, address, result, troubled);
    if (begun) logger.error({ dialerId, heldForMs, result: result.kind }, 'the dialer is held');
  } catch (error) {
    logger.warn({ err: error, dialerId }, "the dialer's health could not be shared");
  }
}

async function noted(
  { health }: DeliveryTools,
  address: DialerAddress,
  result: UploadResult,
  troubled: boolean,
): Promise<NotedTrouble> {
  switch (result.kind) {
    case 'answered':
    case 'refused':
      if (troubled) await health.succeeded(address);
      return NOTHING;
    case 'campaign_unknown':
      // It says nothing of the dialer.
      return NOTHING;
    case 'token_refused':
      return health.failed(address, 'token_refused');
    case 'throttled':
      return health.throttled(address, result.retryAfterMs);
    case 'foreign':
    case 'never_sent':
      return result.retryAfterMs === undefined
        ? health.failed(address, 'failing')
        : health.throttled(address, result.retryAfterMs);
    case 'unknown':
      return health.failed(address, 'failing');
  }
}
