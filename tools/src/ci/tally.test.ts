import { expect, test } from 'vitest';
import { addChecks, failedFiles, passedAgain, readRun, tallyRepeated, tallyTests } from './tally.ts';

/** Each file's tests by their result. */
const report = (files: Record<string, readonly ('passed' | 'failed')[]>, failedToLoad: string[] = []) => {
  const results = Object.values(files).flat();
  return JSON.stringify({
    numPassedTests: results.filter((result) => result === 'passed').length,
    numFailedTests: results.filter((result) => result === 'failed').length,
    testResults: Object.entries(files).map(([name, tests]) => ({
      name,
      status: tests.includes('failed') || failedToLoad.includes(name) ? 'failed' : 'passed',
      assertionResults: tests.map((status, n) => ({ fullName: `test ${n}`, status })),
    })),
  });
};

test.each([
  ['all is well', report({ a: ['passed', 'passed'] }), 0, { passed: 2, failed: 0 }],
  ['tests fail', report({ a: ['passed', 'failed'], b: ['failed'] }), 1, { passed: 1, failed: 2 }],
  ['a test file does not load', report({ a: ['passed'], b: [] }, ['b']), 1, { passed: 1, failed: 1 }],
  ['there is no report', undefined, 1, { passed: 0, failed: 1 }],
  ['the run was killed', undefined, null, { passed: 0, failed: 1 }],
  ['nothing was tested', report({}), 0, { passed: 0, failed: 1 }],
])('when %s', (_, text, exitCode, tally) => {
  expect(tallyTests(readRun(text, exitCode))).toEqual(tally);
});

test('every check counts as one', () => {
  expect(addChecks({ passed: 5, failed: 0 }, [true, false, true])).toEqual({ passed: 7, failed: 1 });
});

const first = readRun(report({ a: ['passed'], b: ['passed', 'failed'], c: ['failed'] }), 1);

test('failed files are run again, and each test counts once', () => {
  expect(failedFiles(first)).toEqual(['b', 'c']);
  const again = readRun(report({ b: ['passed', 'passed'], c: ['failed'] }), 1);
  expect(tallyRepeated(first, again)).toEqual({ passed: 3, failed: 1 });
  expect(passedAgain(first, again)).toEqual(['b test 1']);
});

test.each([
  [
    'a test fails that had passed',
    report({ b: ['failed', 'passed'], c: ['passed'] }),
    { passed: 3, failed: 1 },
  ],
  ['the repetition leaves no report', undefined, { passed: 1, failed: 1 }],
])('when %s', (_, text, tally) => {
  expect(tallyRepeated(first, readRun(text, 1))).toEqual(tally);
});
