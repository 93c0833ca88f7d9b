export interface Repetition {
  /** Resolves once the run under way, if any, has ended. No other follows. */
  stop(): Promise<void>;
}

/** Runs the task now and then repeatedly, each run `everyMs` after the end of the one before. */
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
