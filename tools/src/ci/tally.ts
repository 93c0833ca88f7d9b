import { z } from 'zod';

/** Numbers of passed and failed tests and checks. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** What a test run left: vitest's JSON report, if it wrote one, and its exit code. */
export interface TestRun {
  readonly report: z.infer<typeof report> | undefined;
  readonly exitCode: number | null;
}

export function readRun(reportText: string | undefined, exitCode: number | null): TestRun {
  return { report: reportText === undefined ? undefined : report.parse(JSON.parse(reportText)), exitCode };
}

/**
 * Counts a test run. A run that failed beyond its tests (a file that does not load, an unhandled rejection, no report at all, no tests)
 * counts as one failure.
 */
export function tallyTests({ report, exitCode }: TestRun): Tally {
  const { numPassedTests: passed, numFailedTests: failed } = report ?? {
    numPassedTests: 0,
    numFailedTests: 0,
  };
  const fine = exitCode === 0 && passed > 0;
  return { passed, failed: fine || failed > 0 ? failed : 1 };
}

export function failedFiles({ report }: TestRun): string[] {
  return (report?.testResults ?? []).filter(({ status }) => status === 'failed').map(({ name }) => name);
}

/** The tests that passed when the failed files were run again by themselves. */
export function passedAgain(first: TestRun, again: TestRun): string[] {
  const passed = new Set(testsOf(again, 'passed'));
  return testsOf(first, 'failed').filter((test) => passed.has(test));
}

/** A run and the repetition of its failed files, counted together: what passed in the repetition counts as passed. */
export function tallyRepeated(first: TestRun, again: TestRun): Tally {
  const { passed, failed } = tallyTests(again);
  const files = new Set(failedFiles(first));
  const before = (first.report?.testResults ?? [])
    .filter(({ name }) => files.has(name))
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed').length;
  return { passed: tallyTests(first).passed - before + passed, failed };
}

function testsOf({ report }: TestRun, status: 'passed' | 'failed'): string[] {
  return (report?.testResults ?? []).flatMap(({ name, assertionResults }) =>
    assertionResults.filter((test) => test.status === status).map(({ fullName }) => `${name} ${fullName}`),
  );
}

export function addTallies(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed };
}

/** The total; each check counts as one. */
export function addChecks(tests: Tally, results: readonly boolean[]): Tally {
  const passed = results.filter(Boolean).length;
  return { passed: tests.passed + passed, failed: tests.failed + results.length - passed };
}
