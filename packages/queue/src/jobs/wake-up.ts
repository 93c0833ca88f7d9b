/** Ends a wait. A call while there is none ends the next wait at once. */
export interface WakeUp {
  wake(): void;
  /** To be called before looking at what there is: earlier calls of `wake` are about that. */
  clear(): void;
  /** Resolves when it is woken, and after that many milliseconds at the latest. @returns whether it was woken */
  wait(ms: number): Promise<boolean>;
  /** Ends every wait at once, from now on. */
  stop(): void;
}

export function createWakeUp(): WakeUp {
  let woken = false;
  let stopped = false;
  let end = () => {};

  return {
    wake() {
      woken = true;
      end();
    },
    clear() {
      woken = false;
    },
    async wait(ms) {
      if (woken || stopped) return woken;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        end = resolve;
        timer = setTimeout(resolve, ms);
      });
      clearTimeout(timer);
      return woken;
    },
    stop() {
      stopped = true;
      end();
    },
  };
}
