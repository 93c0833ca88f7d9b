import { z } from 'zod';

/** Numbers of passed and failed tests and checks. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const report = z.object({ numPassedTests: z.int(), numFailedTests: z.int() });

/**
 * Counts a test run from vitest's JSON report. A run that failed beyond its tests (a file that does not load, an unhandled
 * rejection, no report at all, no tests) counts as one failure.
 */
export function tallyTests(reportText: string | undefined, exitCode: number | null): Tally {
  const { numPassedTests: passed, numFailedTests: failed } =
    reportText === undefined
      ? { numPassedTests: 0, numFailedTests: 0 }
      : report.parse(JSON.parse(reportText));
  const fine = exitCode === 0 && passed > 0;
  return { passed, failed: fine || failed > 0 ? failed : 1 };
}

export function addTallies(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed };
}

/** The total; each check counts as one. */
export function addChecks(tests: Tally, results: readonly boolean[]): Tally {
  const passed = results.filter(Boolean).length;
  return { passed: tests.passed + passed, failed: tests.failed + results.length - passed };
}
