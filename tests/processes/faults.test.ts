import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cloneDir } from '@live-feed/tools/clone';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const limitMs = 300_000;

test('npm run test:faults strikes, and every cell of its table is right', { timeout: limitMs }, async () => {
  const main = join(cloneDir, 'tests', 'faults', 'main.ts');
  const args = ['--seconds', '2', '--seed', '1', '--only', 'worker-killed'];
  const { stdout } = await run(process.execPath, ['--import', 'tsx', main, ...args], {
    cwd: cloneDir,
    env: { ...process.env, NODE_OPTIONS: '' },
    timeout: limitMs,
  });
  const [head, , ...rows] = stdout
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  expect(rows).toHaveLength(1);
  const cell = (name: string) => Number(rows[0]?.[head?.indexOf(name) ?? -1]);
  expect(cell('times')).toBeGreaterThan(0);
  expect(cell('200')).toBeGreaterThan(0);
  expect(['wrong', 'lost', 'doubled', 'late'].map(cell)).toEqual([0, 0, 0, 0]);
});
