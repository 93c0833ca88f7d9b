import type { Metrics } from '@live-feed/runtime/monitoring/metrics';

export const SENT_BY = ['email', 'slack', 'webhook'] as const;

/** No label names a rule, a company or a channel: their number has no bound. */
export interface AlertMetrics {
  changed(figures: { readonly begun: number; readonly ended: number }): void;
  sent(by: string, result: 'sent' | 'failed'): void;
  givenUp(messages: number): void;
  /** As they were counted last. */
  counted(figures: {
    readonly burning: number;
    readonly unread: number;
    readonly waiting: number;
    readonly failing: number;
  }): void;
}

export function createAlertMetrics(metrics: Metrics): AlertMetrics {
  const changes = metrics.counter(
    'live_feed_alerts_total',
    'Alerts of the rules in the console that began, and that ended.',
    ['event'],
  );
  for (const event of ['begun', 'ended']) changes.inc({ event }, 0);
  const deliveries = metrics.counter(
    'live_feed_alert_deliveries_total',
    'Messages of alerts that were sent, by the kind of channel and the result.',
    ['by', 'result'],
  );
  for (const by of SENT_BY) for (const result of ['sent', 'failed']) deliveries.inc({ by, result }, 0);
  const givenUp = metrics.counter(
    'live_feed_alert_messages_given_up_total',
    'Messages of alerts that were not sent: their channel failed for a day, or too many waited.',
  );
  const burning = metrics.gauge('live_feed_alerts_burning', 'Alerts that have begun and not ended.');
  const unread = metrics.gauge(
    'live_feed_alert_rules_unread',
    'Rules that cannot be looked at now, such as those about holds while Redis is away.',
  );
  const waiting = metrics.gauge('live_feed_alert_messages_waiting', 'Messages of alerts that wait.');
  const failing = metrics.gauge(
    'live_feed_alert_channels_failing',
    'Channels of alerts whose last message could not be sent.',
  );
  return {
    changed(figures) {
      changes.inc({ event: 'begun' }, figures.begun);
      changes.inc({ event: 'ended' }, figures.ended);
    },
    sent: (by, result) => deliveries.inc({ by, result }),
    givenUp: (messages) => givenUp.inc(messages),
    counted(figures) {
      burning.set(figures.burning);
      unread.set(figures.unread);
      waiting.set(figures.waiting);
      failing.set(figures.failing);
    },
  };
}
