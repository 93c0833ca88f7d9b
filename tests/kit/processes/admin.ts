import { Readable, Writable } from 'node:stream';
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
}

export type Admin = (argv: readonly string[], input?: AdminInput) => Promise<AdminAnswer>;

/** The command line in this process. `data` is what it prints with `--json`; the text of `out` is without. */
export function adminOf(env: () => Readonly<Record<string, string | undefined>>): Admin {
  return async (argv, { stdin = '', signal = new AbortController().signal } = {}) => {
    const [stdout, stderr] = [collector(), collector()];
    const code = await runAdmin(argv, {
      env: env(),
      stdin: Readable.from([Buffer.from(stdin)]),
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

function collector() {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream, text: () => chunks.join('') };
}
