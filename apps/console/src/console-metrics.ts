import type { Metrics } from '@live-feed/runtime/monitoring/metrics';

export interface ConsoleMetrics {
  answered(status: number): void;
  signInFailed(): void;
}

export function createConsoleMetrics(metrics: Metrics): ConsoleMetrics {
  const requests = metrics.counter('live_feed_console_requests_total', 'Requests to the console.', [
    'status',
  ]);
  const failures = metrics.counter(
    'live_feed_console_sign_in_failures_total',
    'Wrong passwords given to the console.',
  );
  return {
    answered: (status) => requests.inc({ status }),
    signInFailed: () => failures.inc(),
  };
}
