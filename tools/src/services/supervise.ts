import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** One process to run. It has a session of its own, so that Ctrl-C only reaches the parent, which stops everything in order. */
export interface ServiceSpec {
  /** Its name for people; error messages begin with it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Run as this user; only root can. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Written to its standard input, which is then closed: a way to pass a secret that `ps` does not show. */
  readonly input?: string;
  /** The signal for an ordered stop. */
  readonly stopSignal: NodeJS.Signals;
  /** How long the ordered stop may take, in milliseconds, before it is killed. */
  readonly graceMs: number;
  /** Paths to remove if the parent dies without stopping it. */
  readonly removeIfOrphaned?: readonly string[];
  /** Called for every line it prints, on either stream. */
  readonly onLine?: (line: string) => void;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SupervisedService {
  readonly pid: number;
  /** Settles when the process has ended, for whatever reason; never rejects. */
  readonly exited: Promise<Exit>;
  /** Resolves to the first printed line that matches; rejects with a `ServiceError` if the process ends first or `limitMs` is over. */
  printed(pattern: RegExp, limitMs: number): Promise<string>;
  /** The last printed lines, at most 50. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Stops it in order; kills it after the grace time. Resolves when it has ended; may be called again. */
  stop(): Promise<void>;
  /** Ends it like a crash. Resolves when it has ended. */
  kill(): Promise<void>;
}

/** A service did not start, or ended by itself. The message contains its last lines. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** The last printed lines. */
  readonly output: string;

  constructor(message: string, output: string) {
    super(output === '' ? message : `${message}\n${output.replace(/^/gm, '  | ')}`);
    this.output = output;
  }
}

type Report = { started: number } | { failed: string } | { exited: Exit };

const supervisorPath = fileURLToPath(new URL('./supervisor.mjs', import.meta.url));
const keptLines = 50;

/**
 * Starts a process that cannot outlive this one: a small supervisor has a channel to us and stops the process when the channel closes,
 * even if we are killed. Resolves when the process is spawned, before it is ready.
 */
export async function supervise(spec: ServiceSpec): Promise<SupervisedService> {
  const { onLine, user, removeIfOrphaned = [], input = '', ...rest } = spec;
  const supervisor = fork(supervisorPath, [], {
    execArgv: [],
    env: { ...spec.env, NODE_OPTIONS: undefined },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lines = new Lines(supervisor, onLine);
  const { started, exited } = watch(supervisor);
  supervisor.send({ spec: { ...rest, input, removeIfOrphaned, uid: user?.uid, gid: user?.gid } });

  const result = await started;
  if (!('started' in result)) {
    const why = 'failed' in result ? result.failed : 'it ended at once';
    throw new ServiceError(`${spec.name} could not be started: ${why}`, lines.text());
  }
  const pid = result.started;
  const send = (message: { signal: NodeJS.Signals; graceMs?: number }) => {
    if (supervisor.connected) supervisor.send(message, () => {}); // if the supervisor has just ended, so has the service
  };

  return {
    pid,
    exited,
    output: () => lines.text(),
    signal: (signal) => send({ signal }),
    async printed(pattern, limitMs) {
      const line = await firstOf(lines.match(pattern), exited, limitMs);
      if (typeof line === 'string') return line;
      const what =
        line === undefined ? `was not ready after ${limitMs / 1000} s` : `ended (${describe(line)})`;
      throw new ServiceError(`${spec.name} ${what}.`, lines.text());
    },
    async stop() {
      send({ signal: spec.stopSignal, graceMs: spec.graceMs });
      await exited;
    },
    async kill() {
      send({ signal: 'SIGKILL' });
      await exited;
    },
  };
}

/**
 * Follows the supervisor's reports. `exited` waits for the end of the output, but at most a second, because a grandchild may keep the pipe
 * open. If the supervisor dies, the service is killed from here.
 */
function watch(supervisor: ChildProcess) {
  let exit: Exit | undefined;
  let pid: number | undefined;
  const disconnected = once(supervisor, 'disconnect');
  const started = new Promise<Report>((resolve) => {
    supervisor.on('message', (report: Report) => {
      if ('exited' in report) exit = report.exited;
      if ('started' in report) pid = report.started;
      resolve(report);
    });
    supervisor.once('error', (error) => resolve({ failed: error.message }));
    supervisor.once('exit', () => resolve({ failed: 'its supervisor ended' }));
  });
  const exited = new Promise<Exit>((resolve) => {
    const finish = async (code: number | null, signal: NodeJS.Signals | null) => {
      await disconnected; // by then every report has arrived
      if (exit === undefined && pid !== undefined) killQuietly(pid);
      resolve(exit ?? { code, signal });
    };
    supervisor.once('close', finish);
    supervisor.once('exit', (code, signal) => setTimeout(finish, 1_000, code, signal).unref());
  });
  return { started, exited };
}

/** The last lines of both streams, and the callbacks that wait for a line. */
class Lines {
  readonly #kept: string[] = [];
  readonly #waiting = new Set<(line: string) => void>();

  constructor(supervisor: ChildProcess, onLine: ((line: string) => void) | undefined) {
    for (const input of [supervisor.stdout, supervisor.stderr]) {
      if (!input) continue;
      createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
        this.#kept.push(line);
        if (this.#kept.length > keptLines) this.#kept.shift();
        for (const offer of this.#waiting) offer(line);
        onLine?.(line);
      });
    }
  }

  text(): string {
    return this.#kept.join('\n');
  }

  match(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => {
      const known = this.#kept.find((line) => pattern.test(line));
      if (known !== undefined) return resolve(known);
      const offer = (line: string) => {
        if (!pattern.test(line)) return;
        this.#waiting.delete(offer);
        resolve(line);
      };
      this.#waiting.add(offer);
    });
  }
}

async function firstOf<A, B>(a: Promise<A>, b: Promise<B>, limitMs: number): Promise<A | B | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, limitMs, undefined);
  });
  try {
    return await Promise.race([a, b, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function describe(exit: Exit): string {
  return exit.signal ?? `exit code ${exit.code}`;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // already gone
  }
}
