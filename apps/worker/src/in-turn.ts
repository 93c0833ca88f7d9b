/** Runs works of one key one after the other, in the order they came; works of different keys do not wait for each other. */
export type InTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Nothing is remembered of a key that nobody works under. */
export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const earlier = last.get(key) ?? Promise.resolve();
    // Whether the earlier one failed is nobody's business but its own.
    const own = earlier.then(work, work);
    last.set(key, own);
    const forget = () => {
      if (last.get(key) === own) last.delete(key);
    };
    own.then(forget, forget);
    return own;
  };
}
