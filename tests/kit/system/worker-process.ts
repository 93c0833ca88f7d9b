import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { System } from './system.ts';

const CRASHING = fileURLToPath(new URL('./crashing-worker.ts', import.meta.url));

export interface WorkerProcess {
  readonly child: ChildProcess;
  /** Resolves with the signal or exit code that ended it. */
  readonly ended: Promise<NodeJS.Signals | number>;
  kill(signal: NodeJS.Signals): void;
}

/** A worker in a process of its own that serves the system's queues, up and running. @param crashAt where it kills itself */
export async function startWorkerProcess(system: System, crashAt = ''): Promise<WorkerProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', CRASHING, crashAt], {
    env: { PATH: process.env['PATH'], ...system.environment },
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
