import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createKeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import { findKey } from '@live-feed/database/directory/lookups';
import { cloneDir } from '@live-feed/tools/clone';
import { nodeArguments } from '@live-feed/tools/stack/app-process';
import { expect, onTestFinished, test } from 'vitest';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';

const server = useDatabase();
const redis = useRedis();

const FILES = {
  'apps/admin/src/main.ts': 'as it is started in a container',
  'tools/src/admin.ts': 'as npm run admin starts it',
} as const;

const SECRET = 'a secret of at least thirty-two characters';

/** The command line as a process. */
function start(file: string, argv: readonly string[]) {
  const child = spawn(
    process.execPath,
    [...nodeArguments(process.versions.node), join(cloneDir, file), ...argv],
    {
      cwd: cloneDir,
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: server.url,
        REDIS_URL: redis.url,
        SEAL_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
        PHONE_DIGEST_SECRET: SECRET,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Runs it; it has to end by itself: nothing it opened may keep it. */
async function admin(file: string, argv: readonly string[], input = '') {
  const child = start(file, argv);
  child.stdin.end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, out, err };
}

test.each(Object.entries(FILES))('%s does what it is told and ends, %s', async (file, how) => {
  expect(await admin(file, ['company', 'add', how])).toMatchObject({ code: 0, err: '' });
  const key = `a key that was ${file}`.replaceAll(' ', '-');
  expect(await admin(file, ['key', 'import', how, '--json'], `${key}\n`)).toMatchObject({ code: 0, err: '' });
  const argv = ['--family', 'ringcx', '--base-url', 'http://127.0.0.1:1/voice/api', '--account', '12'];
  const token = 'aws80:0c5a1d52-8f7e-4b11-9d35-6c1f0a7e2b90';
  expect(await admin(file, ['dialer', 'set', how, ...argv, '--token-file', '-'], token)).toMatchObject({
    code: 0,
  });
  // With PostgreSQL, Redis and a dialing system under one roof.
  const tested = await admin(file, ['dialer', 'test', how]);
  expect(tested).toMatchObject({ code: 1, err: '', out: expect.stringContaining('connection refused') });
  expect(await admin(file, ['company', 'add', how])).toMatchObject({ code: 1, out: '' });
  expect(await admin(file, ['company'])).toMatchObject({ code: 2, out: '' });

  const database = connectDatabase(server.url, 1);
  onTestFinished(() => database.$disconnect());
  const [stored] = createKeyedDigests(SECRET).apiKey(key);
  expect(await findKey(database, stored)).toMatchObject({ active: true });
});

test('a reader who has seen enough is no error', async () => {
  const child = start('apps/admin/src/main.ts', ['--help']);
  child.stdout.destroy();
  const [err] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect([child.exitCode, err]).toEqual([0, '']);
});
