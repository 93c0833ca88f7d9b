import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { program } from './program.ts';

const run = promisify(execFile);

test('Prometheus raises the alerts of ops/alerts.yml when, and only when, it should', async () => {
  const promtool = await program('promtool', 'prometheus');
  const cwd = new URL('../../ops', import.meta.url);
  const { stdout } = await run(promtool, ['test', 'rules', 'alerts.test.yml'], { cwd, timeout: 60_000 });
  expect(stdout).toContain('SUCCESS');
});
