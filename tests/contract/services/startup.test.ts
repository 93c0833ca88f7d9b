import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { EXIT_CONFIGURATION } from '@live-feed/runtime/configuration/environment';
import { cloneDir } from '@live-feed/tools/clone';
import { describe, expect, test } from 'vitest';

/** The real process, with something wrong in its environment. */

const GOOD = {
  DATABASE_URL: 'postgresql://user:hunter2@127.0.0.1:1/live_feed',
  REDIS_URL: 'redis://:hunter2@127.0.0.1:1',
  SEAL_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
  PHONE_DIGEST_SECRET: 'p'.repeat(32),
};

async function start(
  environment: Record<string, string>,
  main = 'apps/ingress/src/main.ts',
): Promise<{ code: unknown; said: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(cloneDir, main)], {
    cwd: cloneDir,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const [code] = await once(child, 'close');
  return { code, said };
}

describe.concurrent('it does not start', () => {
  test('without any configuration: every variable that is missing is named, with what it has to be', async () => {
    const { code, said } = await start({});
    expect(code).toBe(EXIT_CONFIGURATION);
    expect(said).toContain('4 environment variables need attention:');
    expect(said).toMatch(/DATABASE_URL is not set; it must be a URL/);
    expect(said).toMatch(/REDIS_URL is not set; it must be a URL/);
    expect(said).toMatch(/SEAL_KEYS is not set; it must be a list such as k1:<base64 of 32 random bytes>/);
    expect(said).toMatch(/PHONE_DIGEST_SECRET is not set; it must be a secret of at least 32 bytes/);
  });

  test('nor does the migration, and it says so in the same way', async () => {
    const { code, said } = await start({}, 'apps/migrate/src/main.ts');
    expect(code).toBe(EXIT_CONFIGURATION);
    expect(said).toMatch(/DATABASE_URL is not set; it must be a URL/);
  });

  test('with everything wrong at once: all of it is named, and no value is repeated', async () => {
    const wrong = {
      DATABASE_URL: 'mysql://user:hunter2@db/leads',
      REDIS_URL: 'http://:hunter2@redis',
      SEAL_KEYS: 'hunter2hunter2',
      PHONE_DIGEST_SECRET: 'hunter2',
      INGRESS_PORT: 'hunter2',
      INGRESS_DEADLINE_MS: '999999',
    };
    const { code, said } = await start(wrong);
    expect(code).toBe(EXIT_CONFIGURATION);
    expect(said).toContain('6 environment variables need attention:');
    for (const name of Object.keys(wrong)) expect(said).toContain(`  ${name} must be `);
    expect(said).not.toContain('hunter2');
    expect(said).not.toContain('999999');
  });

  test.each([
    ['no id', 'A'.repeat(44)],
    ['a key of 16 bytes', `k1:${Buffer.alloc(16).toString('base64')}`],
    ['a key of 33 bytes', `k1:${Buffer.alloc(33).toString('base64')}`],
    ['a key that is no base64', `k1:${'!'.repeat(43)}`],
    ['a bad second key', `${GOOD.SEAL_KEYS},k0:short`],
    ['the same id twice', `${GOOD.SEAL_KEYS},${GOOD.SEAL_KEYS}`],
  ])('with SEAL_KEYS of %s', async (_case, keys) => {
    const { code, said } = await start({ ...GOOD, SEAL_KEYS: keys });
    expect(code).toBe(EXIT_CONFIGURATION);
    expect(said).toContain('One environment variable needs attention:');
    expect(said).toContain('SEAL_KEYS must be a list such as');
    expect(said).toContain('openssl rand -base64 32');
    expect(said).not.toContain(keys);
  });

  const WORKER = 'apps/worker/src/main.ts';
  const CONSOLE = 'apps/console/src/main.ts';
  test.each([
    ['INGRESS_HOST', '0.0.0.0:3000', undefined],
    ['REDIS_URL', 'redis://:100%@127.0.0.1', undefined],
    ['DATABASE_URL', 'postgresql://user:100%@127.0.0.1/live_feed', WORKER],
    ['WORKER_NEWBRIDGE_AUTH_HEADER', 'X Auth', WORKER],
    ['CONSOLE_TRUSTED_PROXIES', 'nginx', CONSOLE],
    ['HOST', '[::1]', 'apps/dialer-simulator/src/main.ts'],
  ])('with %s=%s', async (name, value, main) => {
    const { code, said } = await start(
      { ...GOOD, CONSOLE_PASSWORD: 'correct horse battery', [name]: value },
      main,
    );
    expect(said).toContain(`One environment variable needs attention:\n  ${name} must `);
    expect(said).not.toContain('    at ');
    expect(code).toBe(EXIT_CONFIGURATION);
  });

  test.each([
    ['INGRESS_PORT', undefined],
    ['INGRESS_METRICS_PORT', undefined],
    ['WORKER_METRICS_PORT', WORKER],
    ['CONSOLE_PORT', CONSOLE],
    ['CONSOLE_METRICS_PORT', CONSOLE],
    ['PORT', 'apps/dialer-simulator/src/main.ts'],
  ])('with %s in use', async (name, main) => {
    const other = createServer().listen(0, '0.0.0.0');
    await once(other, 'listening');
    const port = String((other.address() as AddressInfo).port);
    const elsewhere = {
      INGRESS_PORT: '0',
      INGRESS_METRICS_PORT: '0',
      CONSOLE_PORT: '0',
      CONSOLE_METRICS_PORT: '0',
      CONSOLE_PASSWORD: 'correct horse battery',
    };
    const { code, said } = await start({ ...GOOD, ...elsewhere, [name]: port }, main);
    other.close();
    expect(said).toContain(`  ${name} cannot be ${port}: something listens there already`);
    expect(said).not.toContain('EADDRINUSE');
    expect(code).toBe(EXIT_CONFIGURATION);
  });

  test('with an address that is not of this machine', async () => {
    const { code, said } = await start({ ...GOOD, INGRESS_METRICS_PORT: '0', INGRESS_HOST: '192.0.2.1' });
    expect(said).toContain('  INGRESS_HOST must be an address of this machine');
    expect(code).toBe(EXIT_CONFIGURATION);
  });
});
