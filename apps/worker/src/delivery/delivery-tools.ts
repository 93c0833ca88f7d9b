import type { Clock } from '@live-feed/core/clock';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import type { Database } from '@live-feed/database/connection/client';
import type { Intents } from '@live-feed/database/leads/intents';
import type { Outcomes } from '@live-feed/database/leads/outcomes';
import type { SentAttempt } from '@live-feed/queue/jobs/sent-attempts';
import type { DialerHealth } from '@live-feed/queue/limits/dialer-health';
import type { Permits } from '@live-feed/queue/limits/permits';
import type { Logger } from '@live-feed/runtime/logging/logger';
import type { GrantTools } from '../dialer/grant.ts';
import type { WorkerMetrics } from '../metrics/worker-metrics.ts';
import type { NotifyCallers } from './completions.ts';
import type { Settings } from './settings.ts';

/** Points at which a worker may die; tests prove for each what then becomes of a lead. */
export type DeliveryPoint =
  | 'before the intent'
  | 'after the intent'
  | 'before the write'
  | 'after the answer'
  | 'before the outcome'
  | 'after the outcome'
  | 'after the event, before the job completes';

/** What the delivery of leads needs; made once per worker. */
export interface DeliveryTools extends GrantTools {
  readonly database: Database;
  readonly intents: Intents;
  readonly outcomes: Outcomes;
  readonly keyring: Keyring;
  readonly health: DialerHealth;
  readonly readBackPermits: Permits;
  readonly notifyCallers: NotifyCallers;
  /** Notes attempts outside the database, in case that loses its last writes. */
  readonly noteSent: (dialerId: string, sent: readonly SentAttempt[]) => Promise<void>;
  readonly settings: Settings;
  readonly logger: Logger;
  readonly metrics: WorkerMetrics;
  readonly clock: Clock;
  readonly newId: () => string;
  /** In [0, 1). */
  readonly random: () => number;
  /** Called at each point as it is passed. */
  readonly observe: (point: DeliveryPoint) => void;
}
