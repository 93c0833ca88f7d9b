/** A bounded number of places, and a bounded line for them. */
export interface Places {
  /** @returns gives the place up; undefined if there was none in time, or the line is full */
  take(waitMs: number): Promise<(() => void) | undefined>;
}

export function createPlaces({ places, line }: { readonly places: number; readonly line: number }): Places {
  let taken = 0;
  /** Those that wait, first come first served. */
  const waiting = new Set<() => void>();

  function leave(): void {
    const [next] = waiting;
    if (next === undefined) taken -= 1;
    else next();
  }

  /** Each place is given up once. */
  function place(): () => void {
    let isTaken = true;
    return () => {
      if (isTaken) leave();
      isTaken = false;
    };
  }

  return {
    take(waitMs) {
      if (taken < places) {
        taken += 1;
        return Promise.resolve(place());
      }
      if (waiting.size >= line) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const turn = () => {
          waiting.delete(turn);
          clearTimeout(timer);
          resolve(place());
        };
        const timer = setTimeout(() => {
          waiting.delete(turn);
          resolve(undefined);
        }, waitMs);
        waiting.add(turn);
      });
    },
  };
}
