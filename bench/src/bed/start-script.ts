import { cloneDir } from '@live-feed/tools/clone';
import { type SupervisedService, supervise } from '@live-feed/tools/services/supervise';
import { nodeArguments } from '@live-feed/tools/stack/app-process';

/** Starts a TypeScript file of ours as a process that cannot outlive this one. Resolves when it is spawned. */
export function startScript(options: {
  readonly name: string;
  readonly path: string;
  /** Its standard input. */
  readonly input: string;
}): Promise<SupervisedService> {
  const { name, path, input } = options;
  return supervise({
    name,
    command: process.execPath,
    args: [...nodeArguments(process.versions.node), path],
    env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'production' },
    cwd: cloneDir,
    input,
    stopSignal: 'SIGTERM',
    graceMs: 5_000,
  });
}
