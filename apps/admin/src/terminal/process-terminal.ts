import type { EnvironmentSource } from '@live-feed/runtime/configuration/environment';
import type { Terminal } from './terminal.ts';

/** Under npm one Ctrl-C arrives twice, from the terminal and from npm: signals within this time count as one. */
const SAME_SIGNAL_MS = 500;

/**
 * The terminal of this process. The first Ctrl-C stops a command after its current batch; the second ends the process.
 *
 * @param over variables that override this process's environment
 */
export function processTerminal(over: EnvironmentSource = {}): Terminal {
  const stop = new AbortController();
  let signalledAt: number | undefined;
  process.on('SIGINT', () => {
    signalledAt ??= performance.now();
    if (performance.now() - signalledAt > SAME_SIGNAL_MS) process.exit(130);
    stop.abort();
  });
  const { stdin, stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // The reader has closed the pipe, as in `… | head`; the command continues.
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return { env: { ...env, ...over }, stdin, stdout, stderr, signal: stop.signal };
}
