import type { Readable, Writable } from 'node:stream';
import type { EnvironmentSource } from '@live-feed/runtime/configuration/environment';

/** The parts of `process` that commands use: input, output, and the signal that stops them early. */
export interface Terminal {
  readonly env: EnvironmentSource;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** The result, and nothing else. */
  readonly stdout: Writable;
  /** Progress, questions and errors. */
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** Aborted by Ctrl-C: a command that works in batches stops after the current one. */
  readonly signal: AbortSignal;
}
