import { createMovingAverage } from './moving-average.ts';

/** The uploads of a lane that are under way. */
export interface RunningUploads {
  readonly count: number;
  /** How long an upload takes its slot, on average of the latest; 0 before the first. */
  readonly averageMs: number;
  /** @param upload its rejection is reported and counts as its end */
  start(upload: () => Promise<void>): void;
  /** @returns false if none has ended within that time */
  oneEnds(ms: number): Promise<boolean>;
  allEnd(): Promise<void>;
}

/** @param onEnd called after each upload, when its slot is free */
export function createRunningUploads(onEnd: () => void, onError: (error: unknown) => void): RunningUploads {
  const running = new Set<Promise<void>>();
  const average = createMovingAverage();
  return {
    get count() {
      return running.size;
    },
    get averageMs() {
      return average.value;
    },
    start(upload) {
      const startedAt = performance.now();
      const ended: Promise<void> = upload()
        .catch(onError)
        .finally(() => {
          running.delete(ended);
          average.add(performance.now() - startedAt);
          onEnd();
        });
      running.add(ended);
    },
    async oneEnds(ms) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<false>((resolve) => {
        timer = setTimeout(() => resolve(false), ms);
      });
      try {
        return await Promise.race([late, Promise.race(running).then(() => true)]);
      } finally {
        clearTimeout(timer);
      }
    },
    async allEnd() {
      await Promise.all(running);
    },
  };
}
