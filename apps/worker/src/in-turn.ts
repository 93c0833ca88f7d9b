/** Runs works of one key one after the other, in the order they came; works of different keys do not wait for each other. */
export interface InTurn {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Resolves once all that came before have ended, well or not. */
  free(key: string): Promise<void>;
}

/** Nothing is remembered of a key that nobody works under. */
export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();

  async function free(key: string): Promise<void> {
    await last.get(key)?.catch(() => undefined);
  }

  return {
    free,
    run(key, work) {
      const own = free(key).then(work);
      last.set(key, own);
      const forget = () => {
        if (last.get(key) === own) last.delete(key);
      };
      own.then(forget, forget);
      return own;
    },
  };
}
