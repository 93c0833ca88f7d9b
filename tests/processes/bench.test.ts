import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cloneDir } from '@live-feed/tools/clone';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const limitMs = 180_000;

test('npm run bench ends with a line of JSON, without errors', { timeout: limitMs }, async () => {
  const result = await bench('overhead', '--seconds', '0.5', '--rounds', '1');
  expect(Object.keys(result)).toEqual(
    expect.arrayContaining(['scenario', 'commit', 'machine', 'commitP50Ms', 'rows']),
  );
  expect(result.rows).toMatchObject([
    { candidate: 'live-feed', callers: 1, uploadMaximum: 500, errors: 0, dialer429: 0 },
    { candidate: 'direct', callers: 1, errors: 0, dialer429: 0 },
  ]);
  for (const row of result.rows) expect(row.perSecond).toBeGreaterThan(0);
});

test('assigned ANIs are near, evenly used and never over their caps', { timeout: limitMs }, async () => {
  const { rows } = await bench('assign');
  const [ours, random, areaCode] = rows;
  expect(ours).toMatchObject({ strategy: 'Live Feed', without: 0, overCap: 0 });
  expect(ours.meanKm).toBeLessThan(areaCode.meanKm);
  expect(ours.areaCode).toBeGreaterThan(random.areaCode);
  expect(ours.busiestToIdlest).toBeLessThan(areaCode.busiestToIdlest);
});

async function bench(...args: readonly string[]) {
  const main = join(cloneDir, 'bench', 'src', 'main.ts');
  const { stdout } = await run(process.execPath, ['--import', 'tsx', main, ...args, '--json'], {
    cwd: cloneDir,
    env: { ...process.env, NODE_OPTIONS: '' },
    timeout: limitMs,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
