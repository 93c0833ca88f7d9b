import type { Readable, Writable } from 'node:stream';
import type { EnvironmentSource } from '@live-feed/runtime/environment';

/** Where a command reads and writes, and what ends it early: the parts of `process` that it gets to see. */
export interface Terminal {
  readonly env: EnvironmentSource;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** The result, and nothing else. */
  readonly stdout: Writable;
  /** Progress, questions and errors. */
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** Aborted at Ctrl-C: what goes in portions ends after the one under way. */
  readonly signal: AbortSignal;
}
