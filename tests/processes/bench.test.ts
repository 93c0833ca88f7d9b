import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cloneDir } from '@live-feed/tools/clone';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const limitMs = 180_000;

test('npm run bench ends with a line of JSON, without errors', { timeout: limitMs }, async () => {
  const result = await bench('overhead', '--seconds', '2', '--rounds', '1');
  expect(Object.keys(result)).toEqual(
    expect.arrayContaining(['name', 'date', 'commit', 'machine', 'tables', 'verdicts', 'facts']),
  );
  expect(result.facts.rows).toMatchObject([
    { candidate: 'live-feed', callers: 1, uploadMaximum: 500, errors: 0, dialer429: 0 },
    { candidate: 'direct', callers: 1, errors: 0, dialer429: 0 },
  ]);
  for (const row of result.facts.rows) expect(row.perSecond).toBeGreaterThan(0);
});

test('assigned ANIs are near, evenly used and never over their caps', { timeout: limitMs }, async () => {
  const { facts } = await bench('assign');
  const [ours, random, areaCode] = facts.rows;
  expect(ours).toMatchObject({ strategy: 'Live Feed', without: 0, overCap: 0 });
  expect(ours.meanKm).toBeLessThan(areaCode.meanKm);
  expect(ours.areaCode).toBeGreaterThan(random.areaCode);
  expect(ours.busiestToIdlest).toBeLessThan(areaCode.busiestToIdlest);
});

test('every lead of a soak is answered, and dialing system, rows and answers say the same', {
  timeout: limitMs,
}, async () => {
  const { facts } = await bench('soak', '--seconds', '8');
  const { sent, answered200, inserted, rows } = facts.account;
  const { errors, errorsBy } = facts.load;
  expect(answered200).toBeGreaterThan(0);
  expect(answered200 + errors).toBe(sent);
  expect(unexplained(errorsBy)).toEqual([]);
  expect(rows).toBe(inserted);
  expect(rows).toBeGreaterThanOrEqual(answered200);
  expect(rows).toBeLessThanOrEqual(answered200 + (errorsBy['504'] ?? 0));
});

test('idle and active dialers are told apart, and what both cost', { timeout: limitMs }, async () => {
  const { facts } = await bench('dialers', '--seconds', '1');
  expect(facts.levels).toMatchObject([{ configured: 50 }, { configured: 1_000 }]);
  for (const { load, idle } of facts.levels) {
    expect(load.accepted).toBeGreaterThan(0);
    expect(unexplained(load.errorsBy)).toEqual([]);
    expect(idle.leads).toBe(0);
    expect(idle.redisCommands).toBeGreaterThan(0);
  }
});

/** A machine that stalls may refuse leads or be late with them, but it tells each caller so. */
function unexplained(errorsBy: Readonly<Record<string, number>>): string[] {
  return Object.keys(errorsBy).filter((kind) => !['429', '503', '504'].includes(kind));
}

async function bench(...args: readonly string[]) {
  const main = join(cloneDir, 'bench', 'src', 'main.ts');
  const { stdout } = await run(process.execPath, ['--import', 'tsx', main, ...args, '--json'], {
    cwd: cloneDir,
    env: { ...process.env, NODE_OPTIONS: '' },
    timeout: limitMs,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
