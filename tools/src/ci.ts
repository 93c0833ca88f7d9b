import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checks, runChecks } from './ci/checks.ts';
import { addChecks, addTallies, type Tally, tallyTests } from './ci/tally.ts';
import { cloneDir } from './clone.ts';

// The part of .ci/run after the installation: the README's test commands, then the checks. The last line is the total.
const tests = addTallies(runTests('test'), runTests('test:processes'));
const results = checks.map((check) => runChecks([check]));
const { passed, failed } = addChecks(tests, results);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function runTests(script: 'test' | 'test:processes'): Tally {
  const folder = mkdtempSync(join(tmpdir(), 'live-feed-ci-'));
  const file = join(folder, 'tests.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { status } = spawnSync('npm', ['run', script, '--', ...reporters], {
      cwd: cloneDir,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    return tallyTests(readIfThere(file), status);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
