import { PassThrough, Readable, Writable } from 'node:stream';
import { runAdmin } from '@live-feed/admin/run-admin';

export interface AdminAnswer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the tests look at is what they assert about
  readonly data: any;
}

export interface AdminInput {
  /** What comes on standard input, which is no terminal. */
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** A person on a terminal, in place of `stdin`: what is typed once a question has appeared. */
  readonly typed?: readonly (readonly [question: string, keys: string])[];
}

export type Admin = (argv: readonly string[], input?: AdminInput) => Promise<AdminAnswer>;

/** The command line in this process. `data` is what it prints with `--json`; the text of `out` is without. */
export function adminOf(env: () => Readonly<Record<string, string | undefined>>): Admin {
  return async (argv, { stdin = '', signal = new AbortController().signal, typed } = {}) => {
    const keyboard = typed === undefined ? undefined : keyboardOf(typed);
    const [stdout, stderr] = [collector(), collector(keyboard?.see)];
    const code = await runAdmin(argv, {
      env: env(),
      stdin: keyboard?.stdin ?? Readable.from([Buffer.from(stdin)]),
      stdout: stdout.stream,
      stderr: stderr.stream,
      signal,
    });
    const out = stdout.text();
    return {
      code,
      out,
      err: stderr.text(),
      data: argv.includes('--json') && out !== '' ? JSON.parse(out) : undefined,
    };
  };
}

/** @param see called with all that was written so far; then it is a terminal */
function collector(see?: (written: string) => void) {
  let written = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      see?.(written);
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY: see !== undefined }), text: () => written };
}

function keyboardOf(typed: readonly (readonly [question: string, keys: string])[]) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  let typedSoFar = 0;
  let seen = 0;
  return {
    stdin,
    see(written: string) {
      const next = typed[typedSoFar];
      const at = next === undefined ? -1 : written.indexOf(next[0], seen);
      if (next === undefined || at < 0) return;
      typedSoFar += 1;
      seen = at + next[0].length;
      // A person types after the question is there, not while it is being written.
      setImmediate(() => stdin.write(next[1]));
    },
  };
}
