import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { cloneDir } from '@live-feed/tools/clone';

export interface Script {
  readonly process: ChildProcess & { readonly pid: number };
  /** The next line that it prints on its standard output; rejects, with its error output, when it ends first. */
  nextLine(): Promise<string>;
  /** Its exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals>;
  /** What it has written to its error output. */
  errorOutput(): string;
}

/**
 * Runs TypeScript, an ES module whose relative imports start at `dir` (default: this clone), in a Node process and a
 * process group of its own. The caller ends it.
 */
export async function runScript(
  source: string,
  { dir = cloneDir, env = process.env, user }: ScriptOptions = {},
): Promise<Script> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', source], {
    cwd: dir,
    env: { ...env, NODE_OPTIONS: '' },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  await once(child, 'spawn');
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let errorOutput = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorOutput += text;
  });
  return {
    process: child as ChildProcess & { readonly pid: number },
    errorOutput: () => errorOutput,
    async nextLine() {
      const { value, done } = await lines.next();
      if (!done) return value;
      await closed;
      throw new Error(`The script ended without printing a line.\n${errorOutput}`);
    },
    async ended() {
      await closed;
      return child.signalCode ?? child.exitCode ?? Number.NaN;
    },
  };
}

export interface ScriptOptions {
  readonly dir?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly user?: { readonly uid: number; readonly gid: number };
}
