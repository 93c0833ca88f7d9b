import type { Metrics } from './metrics.ts';

/** Whether the process can use its stores, read at each scrape. */
export function observeStores(
  metrics: Metrics,
  stores: { readonly postgresql: () => boolean; readonly redis: () => boolean },
): void {
  metrics.gauge(
    'live_feed_store_up',
    'Whether the process reaches the store, 1 or 0.',
    ['store'],
    (gauge) => {
      for (const [store, isUp] of Object.entries(stores)) gauge.set({ store }, isUp() ? 1 : 0);
    },
  );
}

/** @param use connections at this moment; `waiting` counts statements that wait for a free one */
export function observePool(
  metrics: Metrics,
  use: () => { readonly busy: number; readonly idle: number; readonly waiting: number },
): void {
  metrics.gauge(
    'live_feed_database_connections',
    'Connections to PostgreSQL that are busy or idle; waiting counts statements that wait for one.',
    ['state'],
    (gauge) => {
      for (const [state, count] of Object.entries(use())) gauge.set({ state }, count);
    },
  );
}
