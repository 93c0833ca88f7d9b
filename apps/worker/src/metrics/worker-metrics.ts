import { ANI_TIERS } from '@live-feed/core/caller-id/ani-choice';
import { FINAL_STATES, type SettledState } from '@live-feed/core/lead/lead-state';
import type { ReadBackResult, UploadResult } from '@live-feed/dialers/lead-loader';
import type { HoldReason } from '@live-feed/queue/limits/dialer-health';
import type { PermitAnswer } from '@live-feed/queue/limits/permits';
import { DURATION_BUCKETS, type Metrics } from '@live-feed/runtime/monitoring/metrics';
import { createDialerCounters, type DialerCounter, type DialerCounters } from './dialer-counters.ts';

/** How near an ANI is to the lead that it was assigned to; `none`: there was none left. */
const TIER_LABELS = [...ANI_TIERS, 'none'] as const;

/** Of an upload; `permit` is a lead's. */
export type Stage = 'permit' | 'assign' | 'dialing_system' | 'record';

/** What is counted of a worker. No label says who a lead is; what is counted by dialer has its id and family, no more. */
export interface WorkerMetrics {
  readonly dialers: Pick<DialerCounters, 'follow'>;
  readonly uploads: DialerCounter<UploadResult['kind'] | 'unusable'>;
  /** Leads whose job was finished here. */
  readonly settled: DialerCounter<SettledState>;
  readonly uploadPermits: DialerCounter<PermitAnswer['kind']>;
  readonly readBackPermits: DialerCounter<PermitAnswer['kind']>;
  readonly holds: DialerCounter<Exclude<HoldReason, 'ops'>>;
  /** Leads whose outcome had to be found out. */
  readonly verifications: DialerCounter<'unanswered' | 'unattributed'>;
  readonly readBacks: DialerCounter<ReadBackResult['kind']>;
  readonly campaignLists: DialerCounter<'whole' | 'incomplete' | 'failed'>;
  /** Leads that got their job back. */
  restored(count: number): void;
  /** How far the removal of old leads is behind its setting. */
  retentionBehind(ms: number): void;
  /** @param leads that left together */
  uploadSize(leads: number): void;
  /** A lead was given an ANI of that tier, or none. */
  assigned(tier: (typeof TIER_LABELS)[number]): void;
  took(stage: Stage, ms: number): void;
}

const UPLOAD_SIZE_BUCKETS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];
const UPLOAD_RESULTS = [
  'answered',
  'refused',
  'token_refused',
  'campaign_unknown',
  'throttled',
  'never_sent',
  'foreign',
  'unknown',
  'unusable',
] as const;
const PERMIT_ANSWERS = ['granted', 'wait', 'held'] as const;

/** @param familyOf undefined for a dialer that was removed */
export function createWorkerMetrics(
  metrics: Metrics,
  familyOf: (dialerId: string) => string | undefined,
): WorkerMetrics {
  const dialers = createDialerCounters(metrics, familyOf);
  const restored = metrics.counter(
    'live_feed_leads_restored_total',
    'Leads without a job that the reconciler gave one: the job was lost, or Redis was unavailable when the lead came.',
  );
  const retentionBehind = metrics.gauge(
    'live_feed_retention_behind_seconds',
    'How far the removal of old leads is behind WORKER_RETENTION_DAYS; beyond three days it stands still until a person purges.',
  );
  const assignments = metrics.counter(
    'live_feed_ani_assignments_total',
    'Leads that left, by how near the ANI is that they were assigned; none: there was none left.',
    ['tier'],
  );
  for (const tier of TIER_LABELS) assignments.inc({ tier }, 0);
  const sizes = metrics.histogram('live_feed_upload_leads', 'Leads in an upload.', UPLOAD_SIZE_BUCKETS);
  const stages = metrics.histogram(
    'live_feed_stage_duration_seconds',
    'Time by stage. permit: a lead, from its arrival until it leaves with a permit; of an upload: assign: ANIs and the intent to send; ' +
      'dialing_system: the call; record: the outcomes, until they are on disk.',
    DURATION_BUCKETS,
    ['stage'],
  );
  const stage = {
    permit: stages.labels('permit'),
    assign: stages.labels('assign'),
    dialing_system: stages.labels('dialing_system'),
    record: stages.labels('record'),
  };

  return {
    dialers,
    uploads: dialers.counter(
      'live_feed_uploads_total',
      'Uploads by their result; throttled: the dialing system answered 429.',
      'result',
      UPLOAD_RESULTS,
      'used',
    ),
    settled: dialers.counter(
      'live_feed_leads_settled_total',
      'Leads by the state that they ended in.',
      'state',
      [...FINAL_STATES, 'PARKED'],
      'used',
    ),
    uploadPermits: dialers.counter(
      'live_feed_upload_permits_total',
      'Permits for uploads that were asked for: granted, denied by the rate (wait) or by a hold (held).',
      'answer',
      PERMIT_ANSWERS,
      'used',
    ),
    readBackPermits: dialers.counter(
      'live_feed_read_back_permits_total',
      'Permits for read-backs that were asked for.',
      'answer',
      PERMIT_ANSWERS,
      'used',
    ),
    holds: dialers.counter(
      'live_feed_holds_total',
      'Holds of a dialer that its uploads began, by why.',
      'reason',
      ['throttled', 'token_refused', 'failing'],
      'unused',
    ),
    verifications: dialers.counter(
      'live_feed_verifications_total',
      'Leads whose outcome had to be found out: the upload was not answered, or its answer did not say which leads it meant.',
      'why',
      ['unanswered', 'unattributed'],
      'used',
    ),
    readBacks: dialers.counter(
      'live_feed_read_backs_total',
      'Read-backs by their result.',
      'result',
      ['found', 'throttled', 'failed'],
      'used',
    ),
    campaignLists: dialers.counter(
      'live_feed_campaign_lists_total',
      'Lists of campaigns that were asked for, by their result.',
      'result',
      ['whole', 'incomplete', 'failed'],
      'used',
    ),
    restored: (count) => restored.inc(count),
    retentionBehind: (ms) => retentionBehind.set(ms / 1_000),
    uploadSize: (leads) => sizes.observe(leads),
    assigned: (tier) => assignments.inc({ tier }),
    took: (name, ms) => stage[name].observe(ms / 1_000),
  };
}
