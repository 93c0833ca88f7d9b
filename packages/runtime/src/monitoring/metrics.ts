import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

/**
 * Creates a process's metrics. None is in the library's global registry, so two instances in one process count separately.
 */
export interface Metrics {
  /** A counter, which only increases; `name` ends with `_total`. */
  counter<Label extends string = never>(
    name: string,
    help: string,
    labels?: readonly Label[],
  ): Counter<Label>;
  /** @param collect called at each scrape to set the value; must not throw */
  gauge<Label extends string = never>(
    name: string,
    help: string,
    labels?: readonly Label[],
    collect?: (gauge: Gauge<Label>) => void,
  ): Gauge<Label>;
  /** @param buckets upper bounds, ascending */
  histogram<Label extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly Label[],
  ): Histogram<Label>;
  /** The names of all metrics, including those without series. */
  names(): string[];
  readonly contentType: string;
  /** Prometheus' text format. */
  text(): Promise<string>;
}

/** Buckets in seconds, from below a millisecond to the longest time that a caller waits. */
export const DURATION_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30,
] as const;

/** Creates a process's metrics, with the usual ones of Node: CPU, memory, event loop lag, garbage collection, open files. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  return {
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: labels, registers }),
    gauge(name, help, labels = [], collect) {
      return new Gauge({
        name,
        help,
        labelNames: labels,
        registers,
        collect() {
          collect?.(this);
        },
      });
    },
    histogram: (name, help, buckets, labels = []) =>
      new Histogram({ name, help, buckets: [...buckets], labelNames: labels, registers }),
    names: () => registry.getMetricsAsArray().map(({ name }) => name),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
