import type { EnvironmentSource } from '@live-feed/runtime/environment';
import type { Terminal } from './terminal.ts';

/** One Ctrl-C reaches a process under npm twice, from the terminal and from npm: what follows so soon is the same one. */
const SAME_SIGNAL_MS = 500;

/**
 * This process's own. The first Ctrl-C ends what goes in portions after the one under way; the next one ends the process.
 *
 * @param over what counts before this process's environment
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
      // Whoever reads has seen enough, as in `… | head`; what is under way goes on.
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return { env: { ...env, ...over }, stdin, stdout, stderr, signal: stop.signal };
}
