export interface BeatWatch {
  /** Looks at everybody's beats, once in each beat of one's own. @returns the dead; their beats stood still for too long */
  dead(beats: ReadonlyMap<string, number>): string[];
}

/**
 * Tells the dead from the living without comparing clocks: whoever does not beat while one beats so many times oneself is dead. A
 * Redis that was away counts for nothing, since nobody could beat then, and neither does a stop of one's own.
 *
 * @param still beats of one's own in which another's stand still
 */
export function createBeatWatch(still: number): BeatWatch {
  let seen = new Map<string, { readonly beats: number; readonly still: number }>();
  return {
    dead(beats) {
      const now = [...beats].map(([worker, count]) => {
        const before = seen.get(worker);
        return [worker, { beats: count, still: before?.beats === count ? before.still + 1 : 0 }] as const;
      });
      seen = new Map(now);
      return now.filter(([, worker]) => worker.still >= still).map(([id]) => id);
    },
  };
}
