import { createOwner, type Owner } from '@live-feed/tools/stack/owner';
import type { Finding } from './report/finding.ts';
import { figure, table } from './report/table.ts';
import type { Scenario, ScenarioOptions } from './scenario.ts';

export interface RunOptions extends Pick<ScenarioOptions, 'dialers' | 'candidates'> {
  readonly owner: Owner;
  readonly env: NodeJS.ProcessEnv;
  readonly commit: string;
  /** Default: the scenario's own. */
  readonly seconds: number | undefined;
  readonly rounds: number | undefined;
  readonly say: (line: string) => void;
}

/** A limit that only a hang reaches. */
const HANGS_AFTER_MS = 600_000;
const PER_MEASURED_SECOND_MS = 30_000;

/** Measures, then stops everything that was started for it. */
export async function runScenario(
  scenario: Scenario,
  { owner, env, commit, say, seconds: wantedSeconds, rounds: wantedRounds, ...narrowed }: RunOptions,
  when: 'alone' | 'inAll',
): Promise<Finding> {
  const seconds = wantedSeconds ?? scenario.seconds?.[when] ?? 1;
  const rounds = wantedRounds ?? scenario.rounds?.[when] ?? 1;
  const own = await owner.own(createOwner());
  try {
    const measuring = scenario.run({ owner: own, env, seconds, rounds, say, ...narrowed });
    const result = await within(measuring, HANGS_AFTER_MS + seconds * rounds * PER_MEASURED_SECOND_MS);
    return {
      name: scenario.name,
      date: new Date().toISOString(),
      commit,
      machine: result.machine,
      seconds: scenario.seconds === null ? null : seconds,
      rounds: scenario.rounds === undefined ? null : rounds,
      tables: result.tables,
      remarks: result.remarks ?? [],
      verdicts: result.verdicts,
      facts: result.facts,
    };
  } finally {
    await own.stop();
  }
}

/** After the limit, what is still running fails when its services are stopped; that error is ignored. */
async function within<T>(running: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took longer than ${limitMs / 1_000} s.`)), limitMs);
  });
  running.catch(() => undefined);
  return Promise.race([running, late]).finally(() => clearTimeout(timer));
}

interface Outcome {
  readonly name: string;
  readonly tookSeconds: number;
  /** Why there is no finding, if there is none. */
  readonly result: Finding | Error;
}

/**
 * Runs one scenario after another; one that fails does not affect the others.
 *
 * @param keep receives each finding as soon as it is there
 * @returns a table for people, and whether all of them were measured
 */
export async function runAll(
  scenarios: readonly Scenario[],
  options: RunOptions,
  keep: (finding: Finding) => Promise<void>,
): Promise<{ readonly summary: string; readonly complete: boolean }> {
  const outcomes: Outcome[] = [];
  for (const scenario of scenarios) {
    options.say(`\n${scenario.name}: ${scenario.question}`);
    const startedAtMs = performance.now();
    const result = await runScenario(scenario, options, 'inAll')
      .then(async (finding) => {
        await keep(finding);
        return finding;
      })
      .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    if (options.owner.stopping && result instanceof Error) throw result;
    outcomes.push({ name: scenario.name, tookSeconds: (performance.now() - startedAtMs) / 1_000, result });
    if (result instanceof Error) options.say(`${scenario.name} failed: ${result}`);
  }
  return {
    summary: table(['', 'took s', 'targets met', 'result'], outcomes.map(describeOutcome)),
    complete: outcomes.every(({ result }) => !(result instanceof Error)),
  };
}

function describeOutcome({ name, tookSeconds, result }: Outcome): string[] {
  if (result instanceof Error)
    return [name, figure(tookSeconds), '–', `FAILED: ${result.message.split('\n')[0]}`];
  const met = result.verdicts.filter((verdict) => verdict.met).length;
  return [name, figure(tookSeconds), `${met} of ${result.verdicts.length}`, 'measured'];
}
