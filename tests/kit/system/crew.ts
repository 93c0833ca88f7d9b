import { type AppProcess, startApp } from '@live-feed/tools/stack/app-process';
import type { Silence } from '../judge/history.ts';

/** The processes of one app: which of them are alive, and when one could do nothing. */
export interface Crew {
  /** Those that are alive and not frozen, oldest first. */
  awake(): readonly AppProcess[];
  readonly silences: readonly Silence[];
  /** Starts processes until there are that many. */
  fill(count: number): Promise<void>;
  /** Starts another one. Resolves when it is ready. */
  add(env?: Readonly<Record<string, string>>): Promise<AppProcess>;
  kill(process: AppProcess): Promise<void>;
  freeze(process: AppProcess): void;
  thaw(process: AppProcess): void;
  /** The last errors that they logged. */
  lastWords(): readonly string[];
  stop(): Promise<void>;
}

const LAST_WORDS_KEPT = 5;
const LAST_WORDS_LENGTH = 500;
const IS_ERROR = /"level":"(error|fatal)"|^[^{]/;

export function createCrew(app: 'ingress' | 'worker', env: NodeJS.ProcessEnv): Crew {
  const living: AppProcess[] = [];
  const frozen = new Map<AppProcess, Silence>();
  const silences: Silence[] = [];
  const said: string[] = [];

  async function add(more: Readonly<Record<string, string>> = {}): Promise<AppProcess> {
    const log = (_: string, line: string) => {
      if (!IS_ERROR.test(line)) return;
      said.push(line.slice(0, LAST_WORDS_LENGTH));
      if (said.length > LAST_WORDS_KEPT) said.shift();
    };
    const started = await startApp({ name: app, app, env: { ...env, ...more }, log });
    living.push(started);
    void started.exited.then(() => {
      living.splice(living.indexOf(started), 1);
      silences.push({ pid: started.pid, fromMs: performance.now(), toMs: Number.POSITIVE_INFINITY });
    });
    return started;
  }

  return {
    awake: () => living.filter((process) => !frozen.has(process)),
    silences,
    add,
    async fill(count) {
      while (living.length < count) await add();
    },
    async kill(process) {
      await process.kill();
    },
    freeze(process) {
      const silence = { pid: process.pid, fromMs: performance.now(), toMs: Number.POSITIVE_INFINITY };
      silences.push(silence);
      frozen.set(process, silence);
      process.signal('SIGSTOP');
    },
    thaw(process) {
      process.signal('SIGCONT');
      const silence = frozen.get(process);
      if (silence !== undefined) silence.toMs = performance.now();
      frozen.delete(process);
    },
    lastWords: () => [...said],
    async stop() {
      await Promise.all([...living].map((process) => process.stop()));
    },
  };
}
