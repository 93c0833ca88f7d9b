import type { Counter, Metrics } from '@live-feed/runtime/monitoring/metrics';

/** Counts something of dialers, apart by one more label whose values are known. */
export interface DialerCounter<Value extends string> {
  /** Costs two look-ups. */
  add(dialerId: string, value: Value, count?: number): void;
}

/**
 * Counters by dialer. A dialer that is counted has one series for each value of the counter's label, whichever of them come up: a
 * fixed number. Those of a dialer that is removed go with it.
 */
export interface DialerCounters {
  /**
   * @param begin when the series do. `unused`: with the dialer, at zero, since Prometheus' `increase` sees nothing in one that begins
   * at one; `used`: with the first count
   */
  counter<Value extends string>(
    name: string,
    help: string,
    label: string,
    values: readonly Value[],
    begin: 'used' | 'unused',
  ): DialerCounter<Value>;
  /** Adds new dialers and drops those that were removed. */
  follow(dialerIds: Iterable<string>): void;
}

type Child = Counter.Internal;

interface Followed {
  begin(dialerId: string): void;
  forgetOthers(): void;
}

/** @param familyOf undefined for a dialer that was removed */
export function createDialerCounters(
  metrics: Metrics,
  familyOf: (dialerId: string) => string | undefined,
): DialerCounters {
  const eager: Followed[] = [];
  const all: Followed[] = [];

  return {
    counter(name, help, label, values, begin) {
      const counter = metrics.counter(name, help, ['dialer', 'family', label]);
      const seriesOf = new Map<string, { readonly family: string; readonly children: Map<string, Child> }>();

      function childrenOf(dialerId: string): Map<string, Child> | undefined {
        const known = seriesOf.get(dialerId);
        if (known !== undefined) return known.children;
        const family = familyOf(dialerId);
        // Its series would never be removed.
        if (family === undefined) return undefined;
        const children = new Map<string, Child>(
          values.map((value) => [value, counter.labels(dialerId, family, value)]),
        );
        for (const child of children.values()) child.inc(0);
        seriesOf.set(dialerId, { family, children });
        return children;
      }

      const followed: Followed = {
        begin: childrenOf,
        forgetOthers() {
          for (const [dialerId, { family }] of seriesOf) {
            if (familyOf(dialerId) === family) continue;
            seriesOf.delete(dialerId);
            for (const value of values) counter.remove(dialerId, family, value);
          }
        },
      };
      all.push(followed);
      if (begin === 'unused') eager.push(followed);
      return {
        add(dialerId, value, count = 1) {
          childrenOf(dialerId)?.get(value)?.inc(count);
        },
      };
    },

    follow(dialerIds) {
      for (const counter of all) counter.forgetOthers();
      for (const dialerId of dialerIds) for (const counter of eager) counter.begin(dialerId);
    },
  };
}
