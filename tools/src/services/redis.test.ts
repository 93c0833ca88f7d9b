import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedRedis, startRedis } from './redis.ts';
import { missingRedis, redisBinary } from './redis-binary.ts';

const isRoot = process.getuid?.() === 0;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'live-feed-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a stranger without the password gets nothing out of it', async () => {
  const redis = await startRedis();
  try {
    expect(await command(redis.port, 'PING')).toMatch(/^-NOAUTH/);
    expect(await ask(redis, 'CONFIG GET maxmemory-policy')).toContain('noeviction');
  } finally {
    await redis.stop();
  }
});

test('an append-only file carries the data over a crash and over a new start', async () => {
  const options = { dataDir: join(folder, 'kept'), appendonly: true };
  const redis = await startRedis(options);
  await ask(redis, 'SET lead 1');
  await ask(redis, 'WAITAOF 1 0 10000');
  await redis.kill();
  await redis.restart();
  expect(await ask(redis, 'GET lead')).toContain('$1\r\n1');
  await redis.stop();

  const again = await startRedis(options);
  expect(await ask(again, 'GET lead')).toContain('$1\r\n1');
  await again.stop();
});

test('a second one on the same data is turned away by name', async () => {
  const options = { dataDir: join(folder, 'shared') };
  const redis = await startRedis(options);
  await expect(startRedis(options)).rejects.toThrow(`in use by the running process ${process.pid}`);
  await redis.stop();
});

test('without a Redis, a person is told the command that installs it', async () => {
  await expect(startRedis({ env: { PATH: folder } })).rejects.toThrow(
    /no redis-server and no valkey-server in the PATH/,
  );
  expect(missingRedis('linux', 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n')).toContain(
    'sudo apt-get install -y redis-server',
  );
  expect(missingRedis('linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n')).toContain(
    'sudo dnf install -y valkey',
  );
  expect(missingRedis('darwin', '')).toContain('brew install redis');
  expect(missingRedis('linux', '')).toContain('REDIS_URL');
});

test.runIf(isRoot)('two that both find no Redis install it once, as root', async () => {
  const bin = await mkdtemp(join(folder, 'bin-'));
  const log = join(bin, 'log');
  await script(join(bin, 'systemctl'), '');
  await script(
    join(bin, 'apt-get'),
    `echo "$@" >> '${log}'\ncase "$*" in *install*) printf '#!/bin/sh\\n' > '${bin}/redis-server'; /bin/chmod 755 '${bin}/redis-server';; esac`,
  );
  const said: string[] = [];
  const find = () => redisBinary({ PATH: bin }, (line) => said.push(line));
  expect(await Promise.all([find(), find()])).toEqual([join(bin, 'redis-server'), join(bin, 'redis-server')]);
  expect((await readFile(log, 'utf8')).match(/install -y .*redis-server/g)).toHaveLength(1);
  expect(said).toEqual([expect.stringContaining('apt-get install -y redis-server')]);
});

async function script(path: string, body: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
}

function ask(redis: EmbeddedRedis, text: string): Promise<string> {
  return command(redis.port, `AUTH ${new URL(redis.url).password}`, text);
}

/** Sends inline commands; resolves to everything that is answered until the server closes the connection. */
function command(port: number, ...lines: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    createConnection(port, '127.0.0.1')
      .setEncoding('utf8')
      .on('data', (text) => {
        answer += text;
      })
      .on('error', reject)
      .on('close', () => resolve(answer))
      .end(`${[...lines, 'QUIT'].join('\r\n')}\r\n`);
  });
}
