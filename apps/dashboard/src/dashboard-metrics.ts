import type { Metrics } from '@live-feed/runtime/monitoring/metrics';

export interface DashboardMetrics {
  answered(status: number): void;
  signInFailed(): void;
}

export function createDashboardMetrics(metrics: Metrics): DashboardMetrics {
  const requests = metrics.counter('live_feed_dashboard_requests_total', 'Requests to the dashboard.', [
    'status',
  ]);
  const failures = metrics.counter(
    'live_feed_dashboard_sign_in_failures_total',
    'Wrong passwords given to the dashboard.',
  );
  return {
    answered: (status) => requests.inc({ status }),
    signInFailed: () => failures.inc(),
  };
}
