import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { cloneDir } from '../clone.ts';

/** The checks besides the tests: scripts of the root package, and tasks of turbo.json. */
export const checks = ['format', 'lint', 'typecheck', 'knip'] as const;

/** Runs checks through turbo, which skips those whose inputs have not changed. Whether all of them passed. */
export function runChecks(names: readonly (typeof checks)[number][]): boolean {
  const require = createRequire(import.meta.url);
  const turbo = require.resolve('turbo/bin/turbo');
  const tasks = names.map((name) => `//#${name}`);
  const { status } = spawnSync(
    process.execPath,
    [turbo, 'run', ...tasks, '--continue=always', '--ui=stream'],
    {
      cwd: cloneDir,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
    },
  );
  return status === 0;
}
