import pTimeout from 'p-timeout';
import type { Logger } from './logging/logger.ts';

/** The events of `process` that end it. */
export type ProcessEvents = {
  on(event: string, listener: (argument: unknown) => void): unknown;
  off(event: string, listener: (argument: unknown) => void): unknown;
};

export type Lifecycle = {
  /** True once the process is stopping: take no new work. */
  readonly stopping: boolean;

  /**
   * Registers how to close a resource; call it right after opening. Resources are closed in reverse order, because later
   * ones use earlier ones.
   *
   * @param limitMs The longest it may take; by default half of the remaining grace time, so that a step that hangs
   * leaves time for those after it. A resource registered while stopping is closed too.
   */
  onStop(name: string, close: () => unknown, limitMs?: number): void;

  /**
   * Closes everything, then exits with the code, or with 1 if something did not close. A second call changes nothing,
   * except that a code other than 0 prevails. Never rejects.
   */
  stop(reason: string, exitCode?: number): Promise<void>;
};

type Step = { name: string; close: () => unknown; limitMs: number | undefined };

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const FAULTS = ['unhandledRejection', 'uncaughtException'] as const;

/**
 * Ends a process in order: exit code 0 after SIGTERM or SIGINT, 1 after an unhandled rejection, an uncaught exception
 * or a step that failed or hung. A second signal exits at once, with 1.
 *
 * Packages for graceful stops, such as close-with-grace, run one function within one limit. Our processes close many resources in
 * reverse order, each within its own limit.
 *
 * Under npm one Ctrl-C reaches a process twice, from the terminal and from npm: signals within `sameSignalMs` of the first count as
 * the same one.
 *
 * @param options.graceMs Maximum time to stop; less than the supervisor waits before it kills.
 * @param options.exit Ends the process; an argument for tests.
 */
export function createLifecycle(options: {
  logger: Logger;
  graceMs: number;
  sameSignalMs?: number;
  exit?: (code: number) => void;
  events?: ProcessEvents;
}): Lifecycle {
  const { logger, graceMs, sameSignalMs = 500, exit = process.exit, events = process } = options;
  const steps: Step[] = [];
  let stopped: Promise<void> | undefined;
  let exitCode = 0;
  let signalledMs: number | undefined;

  function stop(reason: string, code = 0): Promise<void> {
    exitCode ||= code;
    stopped ??= closeAll(reason);
    return stopped;
  }

  async function closeAll(reason: string): Promise<void> {
    logger.info({ reason, graceMs }, 'stopping');
    const endMs = performance.now() + graceMs;
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      const leftMs = Math.max(1, endMs - performance.now());
      const limitMs = Math.min(step.limitMs ?? leftMs / 2, leftMs);
      try {
        await pTimeout(
          // Async, so that a step that throws at once rejects as well.
          (async () => step.close())(),
          { milliseconds: limitMs, message: `It took longer than ${Math.round(limitMs)} ms.` },
        );
      } catch (err) {
        exitCode ||= 1;
        logger.error({ err, step: step.name }, 'could not be closed');
      }
    }
    for (const signal of SIGNALS) events.off(signal, onSignal);
    for (const fault of FAULTS) events.off(fault, onFault[fault]);
    logger.info({ reason, exitCode }, 'stopped');
    exit(exitCode);
  }

  function onSignal(signal: unknown): void {
    const nowMs = performance.now();
    signalledMs ??= nowMs;
    if (stopped === undefined) {
      void stop(String(signal));
    } else if (nowMs - signalledMs > sameSignalMs) {
      logger.warn({ reason: String(signal) }, 'second signal: exiting at once');
      exit(1);
    }
  }

  const onFault = {
    unhandledRejection: (err: unknown) => onAnyFault('unhandledRejection', err),
    uncaughtException: (err: unknown) => onAnyFault('uncaughtException', err),
  };

  function onAnyFault(reason: (typeof FAULTS)[number], err: unknown): void {
    logger.fatal({ err, reason }, 'uncaught error');
    void stop(reason, 1);
  }

  for (const signal of SIGNALS) events.on(signal, onSignal);
  for (const fault of FAULTS) events.on(fault, onFault[fault]);

  return {
    get stopping() {
      return stopped !== undefined;
    },
    onStop(name, close, limitMs) {
      steps.push({ name, close, limitMs });
    },
    stop,
  };
}
