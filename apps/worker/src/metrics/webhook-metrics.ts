import { DURATION_BUCKETS, type Metrics } from '@live-feed/runtime/monitoring/metrics';

/** No label names an endpoint: their number has no bound. */
export interface WebhookMetrics {
  delivered(result: 'delivered' | 'failed', events: number, ms: number): void;
  switchedOff(why: 'FAILING' | 'GONE'): void;
  /** As they were counted last, over all companies. */
  counted(figures: {
    readonly waiting: number;
    readonly oldestMs: number;
    readonly switchedOff: number;
    readonly full: number;
  }): void;
}

export function createWebhookMetrics(metrics: Metrics): WebhookMetrics {
  const deliveries = metrics.counter(
    'live_feed_webhook_deliveries_total',
    'Webhook deliveries by their result.',
    ['result'],
  );
  for (const result of ['delivered', 'failed']) deliveries.inc({ result }, 0);
  const events = metrics.counter(
    'live_feed_webhook_events_delivered_total',
    'Events in deliveries that were taken.',
  );
  const durations = metrics.histogram(
    'live_feed_webhook_duration_seconds',
    'Time of a webhook delivery, until the response.',
    DURATION_BUCKETS,
  );
  const off = metrics.counter(
    'live_feed_webhooks_switched_off_total',
    'Webhooks that were switched off: their endpoints failed for a day, or said that they are gone.',
    ['why'],
  );
  for (const why of ['FAILING', 'GONE']) off.inc({ why }, 0);
  const waiting = metrics.gauge(
    'live_feed_webhook_events_waiting',
    'Events that wait to be delivered, of all companies.',
  );
  const oldest = metrics.gauge(
    'live_feed_webhook_oldest_seconds',
    'Age of the oldest event that waits to be delivered.',
  );
  const offNow = metrics.gauge(
    'live_feed_webhooks_off',
    'Webhooks that are off because their endpoints failed.',
  );
  const full = metrics.gauge(
    'live_feed_webhooks_full',
    'Webhooks for which no more events are written: too many wait.',
  );

  return {
    delivered(result, count, ms) {
      deliveries.inc({ result });
      if (result === 'delivered') events.inc(count);
      durations.observe(ms / 1_000);
    },
    switchedOff: (why) => off.inc({ why }),
    counted(figures) {
      waiting.set(figures.waiting);
      oldest.set(figures.oldestMs / 1_000);
      offNow.set(figures.switchedOff);
      full.set(figures.full);
    },
  };
}
