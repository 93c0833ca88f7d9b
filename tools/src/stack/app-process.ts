import { createRequire } from 'node:module';
import { z } from 'zod';
import { cloneDir } from '../clone.ts';
import { type SupervisedService, supervise } from '../services/supervise.ts';
import type { AppName } from './app-environments.ts';

/** One of our own processes, ready. */
export interface AppProcess extends SupervisedService {
  readonly name: string;
  /** Where it listens; `undefined` for one that does not. */
  readonly url: string | undefined;
  /** Where its /metrics, /healthz and /readyz are; `undefined` for one without. */
  readonly metricsUrl: string | undefined;
}

export interface AppSpec {
  /** Its name for people; its lines and errors begin with it. */
  readonly name: string;
  readonly app: AppName;
  readonly env: NodeJS.ProcessEnv;
  /** Called with every line that it logs. */
  readonly log: (name: string, line: string) => void;
}

/** Starting takes two seconds, but minutes on a busy machine. A process that ends meanwhile is noticed at once. */
const readyLimitMs = 600_000;
const remindMs = 15_000;
const graceMs = 25_000; // apps give themselves 20 s

/**
 * Starts an app's `main.ts` and waits for the JSON log line that says it listens. Throws a `ServiceError` with its last lines if it ends
 * before, or does not listen within 10 minutes. Reports meanwhile that it still waits.
 */
export async function startApp({ name, app, env, log }: AppSpec): Promise<AppProcess> {
  const service = await supervise({
    name,
    command: process.execPath,
    args: [...nodeArguments(process.versions.node), mainFile(app)],
    env,
    cwd: cloneDir,
    stopSignal: 'SIGTERM',
    graceMs,
    onLine: (line) => log(name, line),
  });
  const startedMs = performance.now();
  const reminder = setInterval(() => {
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    log(name, `started ${seconds} s ago and does not listen yet; is the machine busy?`);
  }, remindMs);
  try {
    const line = await service.printed(listening, readyLimitMs);
    const { url, metricsUrl } = readyLine.parse(JSON.parse(line));
    return { ...service, name, url, metricsUrl };
  } catch (error) {
    await service.kill();
    throw error;
  } finally {
    clearInterval(reminder);
  }
}

function mainFile(app: AppName): string {
  const require = createRequire(import.meta.url);
  switch (app) {
    case 'dialer-simulator':
      return require.resolve('@live-feed/dialer-simulator/main');
    case 'worker':
      return require.resolve('@live-feed/worker/main');
    case 'console':
      return require.resolve('@live-feed/console/main');
    case 'ingress':
      return require.resolve('@live-feed/ingress/main');
  }
}

/** A log line whose message is "listening". */
const listening = /^\{.*"msg":"listening"/;
const readyLine = z.object({ url: z.string().optional(), metricsUrl: z.string().optional() });

/**
 * A lead lives for some tenths of a second. A young generation with room for a second of leads frees most of them without copying. With
 * Node's default of 16 MiB, garbage collection took a sixth of the CPU.
 */
const YOUNG_GENERATION = '--max-semi-space-size=64';

/** Node's arguments for our processes. */
export function nodeArguments(nodeVersion: string): string[] {
  return [YOUNG_GENERATION, ...loaderFor(nodeVersion)];
}

/** From 22.18 on Node strips types itself; before, tsx does. */
function loaderFor(nodeVersion: string): string[] {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18) ? [] : ['--import', 'tsx'];
}
