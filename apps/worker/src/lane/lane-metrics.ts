import { idTimeMs, isId } from '@live-feed/core/ids';
import type { Metrics } from '@live-feed/runtime/monitoring/metrics';
import type { Backlog } from './lane.ts';

/** Counted in the database a few times a minute, by dialer. */
export interface DialerFigures {
  readonly parked: ReadonlyMap<string, number>;
  /** Of dialers that have their lane here, from 0 to 1. */
  readonly aniCapsUsed: ReadonlyMap<string, number>;
}

export interface LaneView {
  /** Families by the ids of all dialers that are known. */
  readonly families: () => ReadonlyMap<string, string>;
  /** Of a dialer that this worker has the lane of. */
  readonly backlog: (dialerId: string) => Backlog | undefined;
  readonly lanes: () => number;
  /** How many of a dialer's campaigns are paused. */
  readonly pausedCampaigns: (dialerId: string) => number;
  /** Until when dialers are held as far as this worker knows, on `performance.now()`'s scale. */
  readonly heldUntil: ReadonlyMap<string, number>;
  readonly underVerification: () => number;
  readonly figures: () => DialerFigures;
  readonly now: () => number;
}

/**
 * Gauges by dialer, set when they are scraped: every dialer that is known has each, those without a lane here at 0. The worker that
 * has the lane says what waits, so the greatest of all workers' is the one that counts.
 */
export function observeLanes(metrics: Metrics, view: LaneView): void {
  function byDialer(name: string, help: string, valueFor: (dialerId: string) => number): void {
    metrics.gauge(name, help, ['dialer', 'family'], (gauge) => {
      // Removes the series of deleted dialers.
      gauge.reset();
      for (const [dialer, family] of view.families()) gauge.set({ dialer, family }, valueFor(dialer));
    });
  }

  byDialer(
    'live_feed_waiting_leads',
    'Leads that wait for an upload of a dialer that has its lane here.',
    (id) => waiting(view.backlog(id)),
  );
  byDialer(
    'live_feed_delayed_leads',
    'Leads that wait until they may be tried again, of a dialer that has its lane here.',
    (id) => view.backlog(id)?.delayed ?? 0,
  );
  byDialer(
    'live_feed_oldest_waiting_seconds',
    'Since the arrival of the oldest lead that waits, or is delayed, for a dialer that has its lane here; 0 if there is none.',
    (id) => secondsSince(view.backlog(id)?.oldestLeadId, view.now()),
  );
  byDialer(
    'live_feed_dialer_held',
    'Whether a hold stands of a dialer that has its lane here, 1 or 0.',
    (id) => (view.backlog(id) !== undefined && (view.heldUntil.get(id) ?? 0) > performance.now() ? 1 : 0),
  );
  byDialer(
    'live_feed_paused_campaigns',
    'Campaigns of a dialer that people have paused; every worker counts all of them.',
    view.pausedCampaigns,
  );
  byDialer(
    'live_feed_parked_leads',
    'Leads that wait for a person to decide; every worker counts all of them.',
    (id) => view.figures().parked.get(id) ?? 0,
  );
  byDialer(
    'live_feed_ani_caps_used_ratio',
    "How much of the day's caps of its company's ANIs is used up, of a dialer that has its lane here: 1 is all.",
    (id) => view.figures().aniCapsUsed.get(id) ?? 0,
  );
  metrics.gauge('live_feed_lanes', 'Dialers that have their lane here.', [], (gauge) =>
    gauge.set(view.lanes()),
  );
  metrics.gauge(
    'live_feed_leads_under_verification',
    'Leads whose outcome is being found out.',
    [],
    (gauge) => gauge.set(view.underVerification()),
  );
}

function waiting(backlog: Backlog | undefined): number {
  return backlog === undefined ? 0 : backlog.queued + backlog.taken;
}

/** A lead's id contains the time at which it was made. */
function secondsSince(leadId: string | undefined, nowMs: number): number {
  return leadId === undefined || !isId(leadId) ? 0 : Math.max(0, nowMs - idTimeMs(leadId)) / 1_000;
}
