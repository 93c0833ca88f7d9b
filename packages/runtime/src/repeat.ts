export interface Repetition {
  /** Starts no further run. Resolves when the run under way has ended. */
  stop(): Promise<void>;
}

/** Runs the task at once, then `everyMs` after the end of each run. */
export function repeat(
  task: () => Promise<void>,
  everyMs: number,
  onError: (error: unknown) => void,
): Repetition {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void>;

  async function run(): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (!stopped) onError(error);
    }
    if (!stopped) timer = setTimeout(start, everyMs);
  }

  function start(): void {
    running = run();
  }

  start();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
