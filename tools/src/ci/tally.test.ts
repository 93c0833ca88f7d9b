import { expect, test } from 'vitest';
import { addChecks, tallyTests } from './tally.ts';

const report = (numPassedTests: number, numFailedTests: number) =>
  JSON.stringify({ numPassedTests, numFailedTests });

test.each([
  ['all is well', report(7, 0), 0, { passed: 7, failed: 0 }],
  ['tests fail', report(5, 2), 1, { passed: 5, failed: 2 }],
  ['a test file does not load', report(7, 0), 1, { passed: 7, failed: 1 }],
  ['there is no report', undefined, 1, { passed: 0, failed: 1 }],
  ['the run was killed', undefined, null, { passed: 0, failed: 1 }],
  ['nothing was tested', report(0, 0), 0, { passed: 0, failed: 1 }],
])('when %s', (_, text, exitCode, tally) => {
  expect(tallyTests(text, exitCode)).toEqual(tally);
});

test('every check counts as one', () => {
  expect(addChecks({ passed: 5, failed: 0 }, [true, false, true])).toEqual({ passed: 7, failed: 1 });
});
