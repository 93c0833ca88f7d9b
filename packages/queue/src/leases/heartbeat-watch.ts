export interface HeartbeatWatch {
  /**
   * Call it once per heartbeat of this worker.
   *
   * @param counts how many heartbeats each worker has sent
   * @returns the dead workers: their counts have not changed for too long
   */
  dead(counts: ReadonlyMap<string, number>): string[];
}

/**
 * Finds dead workers without comparing clocks: a worker is dead if it sent no heartbeat while this one sent `limit`. An outage of
 * Redis does not count, because no worker can send a heartbeat then; nor does a pause of this worker.
 */
export function createHeartbeatWatch(limit: number): HeartbeatWatch {
  let seen = new Map<string, { readonly count: number; readonly unchanged: number }>();
  return {
    dead(counts) {
      const now = [...counts].map(([worker, count]) => {
        const before = seen.get(worker);
        return [worker, { count, unchanged: before?.count === count ? before.unchanged + 1 : 0 }] as const;
      });
      seen = new Map(now);
      return now.filter(([, worker]) => worker.unchanged >= limit).map(([id]) => id);
    },
  };
}
