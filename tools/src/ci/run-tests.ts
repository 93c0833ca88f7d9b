import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { cloneDir } from '../clone.ts';
import {
  failedFiles,
  passedAgain,
  readRun,
  type Tally,
  type TestRun,
  tallyRepeated,
  tallyTests,
} from './tally.ts';

type TestScript = 'test' | 'test:processes';

/** With more failed files than these it is not the machine's mood. */
const MOST_FILES_AGAIN = 5;

/**
 * Runs tests. Where a few files fail they are run once more, one after the other: on a machine that is busy with others' work a wait can run
 * into its limit. What passes only then is named: it is a fault of the test, to be mended.
 */
export function runTests(script: TestScript): Tally {
  const first = runOnce(script, []);
  const files = failedFiles(first).map((file) => relative(cloneDir, file));
  if (files.length === 0 || files.length > MOST_FILES_AGAIN) return tallyTests(first);
  console.log(`Run again, one after the other: ${files.join(' ')}`);
  const again = runOnce(script, [...files, '--no-file-parallelism']);
  for (const test of passedAgain(first, again)) console.log(`FLAKY, passed only when run again: ${test}`);
  return tallyRepeated(first, again);
}

function runOnce(script: TestScript, args: readonly string[]): TestRun {
  const folder = mkdtempSync(join(tmpdir(), 'live-feed-ci-'));
  const file = join(folder, 'tests.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { status } = spawnSync('npm', ['run', script, '--', ...args, ...reporters], {
      cwd: cloneDir,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    return readRun(readIfThere(file), status);
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
