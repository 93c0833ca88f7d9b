import { DURATION_BUCKETS, type Metrics } from '@live-feed/runtime/monitoring/metrics';
import type { ApiErrorCode } from './answers/api-error.ts';
import { BATCH_ROUTE, LEAD_ROUTE } from './answers/paths.ts';
import type { AssignmentResult } from './assignment/assignment-routes.ts';
import type { PhoneVerdict } from './phone-check/phone-checks.ts';
import type { NotRecorded } from './refused/refusal-record.ts';

/** A request that has been answered. Times since its arrival, milliseconds. */
export interface AnsweredRequest {
  /** The route's pattern; null if there is nothing at the path. */
  readonly route: string | null;
  readonly status: number;
  /** Null for a success. */
  readonly code: ApiErrorCode | null;
  readonly isDryRun: boolean;
  readonly answeredMs: number;
  /** When its lead was ready to be queued; null if there was none. */
  readonly validatedMs: number | null;
  /** When its answer was known; null if it did not submit a lead. */
  readonly decidedMs: number | null;
}

/** The metrics of an ingress. No label identifies a caller or a lead. */
export interface IngressMetrics {
  /** Starts the series that alerts use at zero: Prometheus' `increase` sees nothing in a series that begins at one. */
  routed(route: string): void;
  answered(request: AnsweredRequest): void;
  /** One lead of a batch has its result. */
  batchLeadAnswered(result: Pick<AnsweredRequest, 'status' | 'code' | 'isDryRun'>): void;
  /** A prospect got a caller ID, or none. */
  assigned(result: AssignmentResult): void;
  /** A company's check said of a lead's phone, or did not; and where that is from. */
  phoneChecked(result: PhoneVerdict['result'], from: 'cache' | 'endpoint' | 'none'): void;
  /** Refused leads are not in the record of them. */
  refusalNotRecorded(why: NotRecorded, count: number): void;
  /** A lead's job was added to its queue. */
  queued(tookMs: number): void;
}

/**
 * @param callersWaiting number of callers that wait for an outcome now
 * @param checksUnavailable see `PhoneChecks.unavailable`
 */
export function createIngressMetrics(
  metrics: Metrics,
  callersWaiting: () => number,
  checksUnavailable: () => number,
): IngressMetrics {
  const requests = metrics.counter(
    'live_feed_requests_total',
    'Requests answered; a batch counts once for each of its leads.',
    ['route', 'status', 'code'],
  );
  const dryRuns = metrics.counter(
    'live_feed_dry_runs_total',
    'Dry runs answered, which are in no other figure of requests; a batch counts once for each of its leads.',
    ['route', 'status', 'code'],
  );
  const durations = metrics.histogram(
    'live_feed_request_duration_seconds',
    'From the arrival of a request to the end of its answer.',
    DURATION_BUCKETS,
    ['route'],
  );
  const stages = metrics.histogram(
    'live_feed_stage_duration_seconds',
    'Time of a lead by stage. validate: from its arrival until it can be queued; queue: adding its job; reply: from the outcome to the end of the answer.',
    DURATION_BUCKETS,
    ['stage'],
  );
  const assignments = metrics.counter(
    'live_feed_assignments_total',
    'Caller IDs asked for at /assignment and /assignment/batch, by what came of it.',
    ['result'],
  );
  const notRecorded = metrics.counter(
    'live_feed_refusals_not_recorded_total',
    'Refused leads that are missing in the record of them, by why.',
    ['why'],
  );
  const phoneChecks = metrics.counter(
    'live_feed_phone_checks_total',
    "Leads whose phone a company's check was asked about, by what it said and whether that was kept from before.",
    ['result', 'from'],
  );
  metrics.gauge(
    'live_feed_phone_checks_unavailable',
    'Companies whose check of phones has not answered again and again, and is not asked for a while.',
    [],
    (gauge) => gauge.set(checksUnavailable()),
  );
  const [validate, queue, reply] = ['validate', 'queue', 'reply'].map((stage) => stages.labels(stage));
  metrics.gauge('live_feed_callers_waiting', 'Callers that wait for the outcome of a lead.', [], (gauge) =>
    gauge.set(callersWaiting()),
  );

  /** A fault of ours counts as that, whatever it was asked for. */
  const counterOf = ({ isDryRun, code }: Pick<AnsweredRequest, 'isDryRun' | 'code'>) =>
    isDryRun && code !== 'INTERNAL' ? dryRuns : requests;

  return {
    routed(route) {
      requests.inc({ route, status: 500, code: 'INTERNAL' }, 0);
      if (route === LEAD_ROUTE || route === BATCH_ROUTE)
        requests.inc({ route, status: 400, code: 'NO_ANI_AVAILABLE' }, 0);
    },
    answered({ route, status, code, isDryRun, answeredMs, validatedMs, decidedMs }) {
      const path = route ?? 'none';
      // A batch that was taken is counted by its leads.
      if (route !== BATCH_ROUTE || code !== null)
        counterOf({ isDryRun, code }).inc({ route: path, status, code: code ?? 'none' });
      if (isDryRun) return;
      durations.observe({ route: path }, answeredMs / 1_000);
      if (validatedMs !== null) validate?.observe(validatedMs / 1_000);
      if (decidedMs !== null) reply?.observe((answeredMs - decidedMs) / 1_000);
    },
    batchLeadAnswered: ({ status, code, isDryRun }) =>
      counterOf({ isDryRun, code }).inc({ route: BATCH_ROUTE, status, code: code ?? 'none' }),
    assigned: (result) => assignments.inc({ result }),
    refusalNotRecorded: (why, count) => notRecorded.inc({ why }, count),
    phoneChecked: (result, from) => phoneChecks.inc({ result, from }),
    queued: (tookMs) => queue?.observe(tookMs / 1_000),
  };
}
