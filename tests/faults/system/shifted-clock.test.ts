import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const preload = fileURLToPath(new URL('./shifted-clock.mjs', import.meta.url));

test('a shifted clock is off in every way of asking, and dates that are given stay as they are', async () => {
  const script = `console.log(JSON.stringify([Date.now(), new Date().getTime(), new Date(86_400_000).toISOString()]))`;
  const before = Date.now();
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--import', preload, '--eval', script],
    { env: { CLOCK_SHIFT_MS: String(-300_000) } },
  );
  const [now, fresh, given] = JSON.parse(stdout);
  for (const each of [now, fresh]) {
    expect(each).toBeGreaterThanOrEqual(before - 300_000);
    expect(each).toBeLessThanOrEqual(Date.now() - 300_000);
  }
  expect(given).toBe('1970-01-02T00:00:00.000Z');
});
