import type { DialerHealth } from '@live-feed/queue/dialer-health';
import type { PermitAnswer, Permits } from '@live-feed/queue/permits';
import type { DialerCounter } from './dialer-counters.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** @param onHeld told for how long a dialer is held */
export function countedPermits(
  permits: Permits,
  counter: DialerCounter<PermitAnswer['kind']>,
  onHeld: (dialerId: string, ms: number) => void = () => undefined,
): Permits {
  return {
    ...permits,
    async take(address, bucket) {
      const answer = await permits.take(address, bucket);
      counter.add(address.dialerId, answer.kind);
      if (answer.kind === 'held') onHeld(address.dialerId, answer.waitMs);
      return answer;
    },
  };
}

export function countedHealth(health: DialerHealth, { holds }: WorkerMetrics): DialerHealth {
  return {
    ...health,
    async failed(address, kind) {
      const heldForMs = await health.failed(address, kind);
      if (heldForMs > 0) holds.add(address.dialerId, kind);
      return heldForMs;
    },
    async throttled(address, retryAfterMs) {
      const heldForMs = await health.throttled(address, retryAfterMs);
      if (heldForMs > 0) holds.add(address.dialerId, 'throttled');
      return heldForMs;
    },
  };
}
