import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CRASHING = fileURLToPath(new URL('./crashing-worker.ts', import.meta.url));

export interface WorkerProcess {
  readonly child: ChildProcess;
  /** Resolves to the signal or exit code that ended it. */
  readonly ended: Promise<NodeJS.Signals | number>;
  kill(signal: NodeJS.Signals): void;
}

/** @param crashAt the point of a delivery at which it kills itself */
export async function startWorkerProcess(
  environment: Readonly<Record<string, string>>,
  crashAt: string,
): Promise<WorkerProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', CRASHING, crashAt], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as NodeJS.Signals | number);
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (line.includes('"listening"')) resolve();
    });
    void ended.then((how) => reject(new Error(`The worker ended with ${how} before it was up.`)));
  });
  return { child, ended, kill: (signal) => child.kill(signal) };
}
