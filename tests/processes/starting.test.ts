import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { EXIT_CONFIGURATION } from '@live-feed/runtime/configuration/environment';
import { cloneDir } from '@live-feed/tools/clone';
import { expect, test } from 'vitest';

/** Real processes with nothing or nonsense in their environment. The ingress has a file of its own: tests/contract/services/startup.test.ts. */

async function start(
  app: string,
  environment: Record<string, string>,
): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(cloneDir, `apps/${app}/src/main.ts`)], {
    cwd: cloneDir,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  return { code, said };
}

const cases = [
  { app: 'worker', environment: {}, named: ['DATABASE_URL', 'REDIS_URL', 'SEAL_KEYS'] },
  {
    app: 'worker',
    environment: { SEAL_KEYS: 'hunter2hunter2', WORKER_METRICS_PORT: 'hunter2', STOP_GRACE_MS: '1' },
    named: ['STOP_GRACE_MS', 'DATABASE_URL', 'REDIS_URL', 'SEAL_KEYS', 'WORKER_METRICS_PORT'],
  },
  {
    app: 'console',
    environment: {},
    named: ['DATABASE_URL', 'REDIS_URL', 'SEAL_KEYS', 'PHONE_DIGEST_SECRET'],
  },
  {
    app: 'console',
    environment: { CONSOLE_PASSWORD: 'hunter2', SEAL_KEYS: 'hunter2', CONSOLE_PORT: 'hunter2' },
    named: [
      ...['DATABASE_URL', 'REDIS_URL', 'SEAL_KEYS', 'PHONE_DIGEST_SECRET'],
      ...['CONSOLE_PORT', 'CONSOLE_PASSWORD'],
    ],
  },
  {
    app: 'dialer-simulator',
    environment: { PORT: 'hunter2', ENFORCE_LIMITS: 'hunter2' },
    named: ['PORT', 'ENFORCE_LIMITS'],
  },
];

test.concurrent.each(cases)(
  '$app names all that is wrong at once: $named',
  async ({ app, environment, named }) => {
    const { code, said } = await start(app, environment);
    expect(code).toBe(EXIT_CONFIGURATION);
    expect([...said.matchAll(/^ {2}([A-Z_]+) /gm)].map(([, name]) => name)).toEqual(named);
    expect(said).not.toContain('hunter2');
  },
);
