import type { Finding } from './finding.ts';
import { figure, table } from './report/table.ts';
import { type RunOptions, runStudy } from './run-study.ts';
import type { Study } from './study.ts';

export interface Outcome {
  readonly name: string;
  readonly tookSeconds: number;
  readonly finding?: Finding;
  readonly error?: unknown;
}

/** One study after the other; one that fails takes nothing from the others. Each finding is handed on as soon as it is there. */
export async function runAll(
  studies: readonly Study[],
  options: RunOptions,
  keep: (finding: Finding) => Promise<void>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const study of studies) {
    options.say(`\n${study.name}: ${study.question}`);
    const startedAtMs = performance.now();
    const tookSeconds = () => (performance.now() - startedAtMs) / 1_000;
    try {
      const finding = await runStudy(study, options, 'inAll');
      await keep(finding);
      outcomes.push({ name: study.name, tookSeconds: tookSeconds(), finding });
    } catch (error) {
      if (options.owner.stopping) throw error;
      options.say(`${study.name} failed: ${error}`);
      outcomes.push({ name: study.name, tookSeconds: tookSeconds(), error });
    }
  }
  return outcomes;
}

export function describeOutcomes(outcomes: readonly Outcome[]): string {
  return table(
    ['', 'took s', 'targets met', 'came of it'],
    outcomes.map(({ name, tookSeconds, finding, error }) => {
      const verdicts = finding?.verdicts ?? [];
      const met = verdicts.filter((verdict) => verdict.met).length;
      const what = finding === undefined ? `FAILED: ${firstLine(error)}` : 'measured';
      return [name, figure(tookSeconds), finding === undefined ? '–' : `${met} of ${verdicts.length}`, what];
    }),
  );
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
