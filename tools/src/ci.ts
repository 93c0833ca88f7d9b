import { checks, runChecks } from './ci/checks.ts';
import { runTests } from './ci/run-tests.ts';
import { addChecks, addTallies } from './ci/tally.ts';

// The part of .ci/run after the installation: the README's test commands, then the checks. The last line is the total.
const tests = addTallies(runTests('test'), runTests('test:processes'));
const results = checks.map((check) => runChecks([check]));
const { passed, failed } = addChecks(tests, results);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
