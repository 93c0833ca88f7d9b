/**
 * Pauses that end when the simulator closes. They do not end when the client disconnects: a slow dialing system stores an upload late
 * although nobody waits for the response, and fault tests need that.
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
