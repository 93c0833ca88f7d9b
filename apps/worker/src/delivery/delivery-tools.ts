import type { Clock } from '@live-feed/core/clock';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import type { Database } from '@live-feed/database/connection/client';
import type { SentAttempt } from '@live-feed/queue/jobs/sent-attempts';
import type { DialerHealth } from '@live-feed/queue/limits/dialer-health';
import type { Permits } from '@live-feed/queue/limits/permits';
import type { Logger } from '@live-feed/runtime/logging/logger';
import type { StartGate } from '../lane/start-gate.ts';
import type { Settings } from '../upkeep/settings.ts';
import type { WorkerMetrics } from '../worker-metrics.ts';
import type { NotifyCallers } from './completions.ts';

/** Moments between which a worker may die; what then becomes of a lead is proved for each. */
export type DeliveryPoint =
  | 'before the intent'
  | 'after the intent'
  | 'before the write'
  | 'after the answer'
  | 'before the outcome'
  | 'after the outcome'
  | 'after the event, before the job completes';

/** What the delivery of leads needs; made once per worker. */
export interface DeliveryTools {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly health: DialerHealth;
  readonly uploadPermits: Permits;
  readonly readBackPermits: Permits;
  readonly notifyCallers: NotifyCallers;
  /** Remembers attempts outside the database, in case that forgets them. */
  readonly noteSent: (dialerId: string, sent: readonly SentAttempt[]) => Promise<void>;
  readonly startGate: StartGate;
  readonly settings: Settings;
  readonly logger: Logger;
  readonly metrics: WorkerMetrics;
  readonly clock: Clock;
  readonly newId: () => string;
  /** In [0, 1). */
  readonly random: () => number;
  /** Aborted once the worker is to stop: what can be left to another is left. */
  readonly stopping: AbortSignal;
  /** Told each point as it is passed. */
  readonly observe: (point: DeliveryPoint) => void;
}
