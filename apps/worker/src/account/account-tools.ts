import { setTimeout as pause } from 'node:timers/promises';
import type { RateWindow } from '@live-feed/core/directory/dialer-settings';
import { type Bucket, bucketFor } from '@live-feed/core/limits/rate-windows';
import type { Database } from '@live-feed/database/connection/client';
import type { LeadLoaders } from '@live-feed/dialers/lead-loaders';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import type { Permits } from '@live-feed/queue/limits/permits';
import type { Logger } from '@live-feed/runtime/logging/logger';
import type { DialerDirectory, ServedDialer } from '../dialer/dialer-directory.ts';
import type { WorkerMetrics } from '../metrics/worker-metrics.ts';

/** What is needed to ask dialing systems for other things than leads. */
export interface AccountTools {
  readonly database: Database;
  readonly directory: DialerDirectory;
  readonly loaders: LeadLoaders;
  readonly campaignPermits: Permits;
  readonly leadControlPermits: Permits;
  readonly readBackPermits: Permits;
  readonly lookPermits: Permits;
  readonly logger: Logger;
  readonly metrics: WorkerMetrics;
  readonly stopping: AbortSignal;
}

export interface PermitWait {
  /** When it is not worth waiting any longer; `performance.now()`. */
  readonly giveUpAt: number;
  /** Permits of the burst that are left for others. */
  readonly reserve?: number;
}

/**
 * Waits for the right to make one request.
 *
 * @returns false if there is none in time, or the worker is to stop
 * @throws while Redis is unavailable
 */
export async function permitted(
  { stopping }: Pick<AccountTools, 'stopping'>,
  permits: Permits,
  { record }: ServedDialer,
  bucket: Bucket,
  { giveUpAt, reserve = 0 }: PermitWait,
): Promise<boolean> {
  while (!stopping.aborted && performance.now() < giveUpAt) {
    const answer = await permits.take(dialerAddress(record), bucket, reserve);
    if (answer.kind === 'granted') return true;
    if (performance.now() + answer.waitMs > giveUpAt) return false;
    await pause(answer.waitMs, undefined, { signal: stopping }).catch(() => undefined);
  }
  return false;
}

const buckets = new WeakMap<readonly RateWindow[], Bucket>();

/** Worked out once for a family. */
export function bucketOf(windows: readonly RateWindow[]): Bucket {
  const known = buckets.get(windows) ?? bucketFor(windows);
  buckets.set(windows, known);
  return known;
}
