import type { Clock } from '@live-feed/core/clock';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import type { Database } from '@live-feed/database/connection/client';
import type { OutboundClient } from '@live-feed/outbound/http/outbound-client';
import type { Logger } from '@live-feed/runtime/logging/logger';
import type { WebhookMetrics } from '../metrics/webhook-metrics.ts';

/** Points at which a worker may die; tests prove for each that no event is lost. */
export type WebhookPoint = 'before the webhook' | 'after the webhook, before its note';

/** What the delivery of webhooks needs; made once per worker. */
export interface WebhookTools {
  /** Connections of its own, so that leads never wait for them. */
  readonly database: Database;
  readonly client: OutboundClient;
  readonly keyring: Keyring;
  readonly logger: Logger;
  readonly metrics: WebhookMetrics;
  readonly clock: Clock;
  readonly newId: () => string;
  /** In [0, 1). */
  readonly random: () => number;
  readonly stopping: AbortSignal;
  /** Called at each point as it is passed. */
  readonly observe: (point: WebhookPoint) => void;
}
