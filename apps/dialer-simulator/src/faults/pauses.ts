/**
 * Waits that end when the simulator closes. They do not end when the client goes: a dialing system that is slow stores
 * an upload late although nobody waits for its answer any more, and that is what a fault test wants to see.
 */
export type Pauses = ReturnType<typeof createPauses>;

export function createPauses() {
  const cutShort = new Set<() => void>();
  return {
    /** True after `ms`; false as soon as the simulator closes. */
    pause: (ms: number): Promise<boolean> =>
      new Promise((resolve) => {
        const stop = () => {
          clearTimeout(timer);
          resolve(false);
        };
        const timer = setTimeout(() => {
          cutShort.delete(stop);
          resolve(true);
        }, ms);
        cutShort.add(stop);
      }),
    close(): void {
      for (const stop of cutShort) stop();
      cutShort.clear();
    },
  };
}
