import type { DialerHealth, HoldReason, NotedTrouble } from '@live-feed/queue/limits/dialer-health';
import type { PermitAnswer, Permits } from '@live-feed/queue/limits/permits';
import type { DialerCounter } from './dialer-counters.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** @param onHeld called with how long a dialer is held; 0: not any more */
export function countedPermits(
  permits: Permits,
  counter: DialerCounter<PermitAnswer['kind']>,
  onHeld: (dialerId: string, ms: number) => void = () => undefined,
): Permits {
  return {
    ...permits,
    async take(address, bucket, reserve) {
      const answer = await permits.take(address, bucket, reserve);
      counter.add(address.dialerId, answer.kind);
      onHeld(address.dialerId, answer.kind === 'held' ? answer.waitMs : 0);
      return answer;
    },
  };
}

/** @param onHeld called with how long a dialer is held */
export function countedHealth(
  health: DialerHealth,
  { holds }: WorkerMetrics,
  onHeld: (dialerId: string, ms: number) => void,
): DialerHealth {
  function count(dialerId: string, reason: Exclude<HoldReason, 'ops'>, noted: NotedTrouble): NotedTrouble {
    if (noted.begun) holds.add(dialerId, reason);
    onHeld(dialerId, noted.heldForMs);
    return noted;
  }
  return {
    ...health,
    failed: async (address, kind) => count(address.dialerId, kind, await health.failed(address, kind)),
    throttled: async (address, retryAfterMs) =>
      count(address.dialerId, 'throttled', await health.throttled(address, retryAfterMs)),
  };
}
