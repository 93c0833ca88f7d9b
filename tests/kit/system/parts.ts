import { EventEmitter } from 'node:events';
import { ingressEnvironment } from '@live-feed/ingress/environment';
import { startIngressProcess } from '@live-feed/ingress/start';
import { readEnvironment } from '@live-feed/runtime/configuration/environment';
import { createLifecycle } from '@live-feed/runtime/lifecycle';
import { createLogger } from '@live-feed/runtime/logging/logger';
import type { ProcessContext } from '@live-feed/runtime/main';
import { workerEnvironment } from '@live-feed/worker/environment';
import { startWorkerProcess, type WorkerHooks } from '@live-feed/worker/start';

type Environment = Readonly<Record<string, string>>;

/** An ingress or a worker in this process. */
export interface Part {
  /** Where /metrics, /healthz and /readyz are. */
  readonly metricsUrl: string;
  /** Resolves to what the exit code of a process would be. May be called again. */
  stop(): Promise<number>;
}

export interface IngressPart extends Part {
  readonly url: string;
}

/** Gets every line that a part logs; without it nothing is logged. */
export type OnLog = ((line: string) => void) | undefined;

export async function startIngressPart(environment: Environment, onLog: OnLog): Promise<IngressPart> {
  const env = readEnvironment(ingressEnvironment, environment);
  const { facts, stop } = await startPart('ingress', onLog, (context) =>
    startIngressProcess({ ...context, env }),
  );
  return { url: String(facts['url']), metricsUrl: String(facts['metricsUrl']), stop };
}

export async function startWorkerPart(
  environment: Environment,
  onLog: OnLog,
  hooks: WorkerHooks,
): Promise<Part> {
  const env = readEnvironment(workerEnvironment, environment);
  const { facts, stop } = await startPart('worker', onLog, (context) =>
    startWorkerProcess({ ...context, env }, hooks),
  );
  return { metricsUrl: String(facts['metricsUrl']), stop };
}

async function startPart<Facts>(
  name: string,
  onLog: OnLog,
  run: (context: Omit<ProcessContext<unknown>, 'env'>) => Promise<Facts>,
): Promise<{ facts: Facts; stop: () => Promise<number> }> {
  const logger = createLogger({
    name,
    level: onLog === undefined ? 'silent' : 'debug',
    destination: { write: (line) => onLog?.(line) },
  });
  let exitCode = 0;
  const lifecycle = createLifecycle({
    logger,
    graceMs: 15_000,
    exit: (code) => {
      exitCode = code;
    },
    events: new EventEmitter(),
  });
  const stop = async () => {
    await lifecycle.stop('the test ends');
    return exitCode;
  };
  try {
    return { facts: await run({ logger, lifecycle }), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
