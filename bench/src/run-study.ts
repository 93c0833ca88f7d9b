import { createOwner, type Owner } from '@live-feed/tools/stack/owner';
import type { Finding } from './finding.ts';
import type { Study } from './study.ts';

export interface RunOptions {
  readonly owner: Owner;
  readonly env: NodeJS.ProcessEnv;
  readonly commit: string;
  /** Default: the study's own. */
  readonly seconds: number | undefined;
  readonly rounds: number | undefined;
  readonly say: (line: string) => void;
}

/** A limit that only a hang reaches. */
const hangsAfterMs = 600_000;
const perMeasuredSecondMs = 30_000;

/** Measures, and stops again whatever was started for it. */
export async function runStudy(
  study: Study,
  { owner, env, commit, say, ...asked }: RunOptions,
  when: 'alone' | 'inAll',
): Promise<Finding> {
  const seconds = asked.seconds ?? study.seconds?.[when] ?? 1;
  const rounds = asked.rounds ?? study.rounds?.[when] ?? 1;
  const own = await owner.own(createOwner());
  try {
    const measuring = study.run({ owner: own, env, seconds, rounds, say });
    const result = await within(measuring, hangsAfterMs + seconds * rounds * perMeasuredSecondMs);
    return {
      name: study.name,
      date: new Date().toISOString(),
      commit,
      machine: result.machine,
      seconds: study.seconds === null ? null : seconds,
      rounds: study.rounds === undefined ? null : rounds,
      tables: result.tables,
      remarks: result.remarks ?? [],
      verdicts: result.verdicts,
      facts: result.facts,
    };
  } finally {
    await own.stop();
  }
}

/** Whatever still runs fails when what it uses is stopped; then nobody listens any more. */
async function within<T>(running: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took longer than ${limitMs / 1_000} s.`)), limitMs);
  });
  running.catch(() => undefined);
  return Promise.race([running, late]).finally(() => clearTimeout(timer));
}
