import { checks, runChecks } from './ci/checks.ts';

// `npm run check`: everything that CI checks besides the tests.
process.exitCode = runChecks(checks) ? 0 : 1;
