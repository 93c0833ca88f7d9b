import { access, chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@live-feed/database/schema/migrate';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { copyClone } from '../../../tests/kit/processes/clone-copy.ts';
import { runScript } from '../../../tests/kit/processes/script.ts';
import { ensureDatabase } from './databases.ts';
import { type EmbeddedPostgres, startPostgres } from './postgres.ts';
import { reachablePlace } from './private-place.ts';
import { allows, canReach, findUser, serviceUser } from './unprivileged-user.ts';

const isRoot = process.getuid?.() === 0;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'live-feed-test-'));
  await chmod(folder, 0o755); // PostgreSQL's user goes in
});
afterAll(() => rm(folder, { recursive: true }));

test('the data outlive a crash, a restart and a new start with the same password', async () => {
  const dataDir = join(folder, 'kept');
  const first = await startPostgres({ dataDir });
  expect((await applyMigrations(first)).length).toBeGreaterThan(0);
  await first.kill();
  await first.restart();
  expect(await applyMigrations(first)).toEqual([]);
  await expect(startPostgres({ dataDir })).rejects.toThrow(`in use by the running process ${process.pid}`);
  await first.stop();

  const second = await startPostgres({ dataDir });
  expect(await applyMigrations(second)).toEqual([]);
  expect(new URL(second.url).password).toBe(new URL(first.url).password);
  await second.stop();
});

test('a pid file whose number another process has now does not keep it from starting', async () => {
  const dataDir = join(folder, 'stale');
  const before = await startPostgres({ dataDir, durable: false });
  const pidFile = join(await clusterDir(dataDir), 'postmaster.pid');
  const left = await readFile(pidFile, 'utf8');
  await before.stop();
  await writeFile(pidFile, left.replace(/^\d+/, String(process.pid)));

  const after = await startPostgres({ dataDir, durable: false });
  await ensureDatabase(after.url, 'reached');
  await after.stop();
});

test.runIf(process.platform === 'linux')('a server that a killed run left behind gives way', async () => {
  const dataDir = join(folder, 'forgotten');
  const script = await runScript(`
    import { startPostgres } from './tools/src/services/postgres.ts';
    await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, durable: false });
    console.log('ready');
  `);
  await script.nextLine();
  const postmaster = Number.parseInt(
    await readFile(join(await clusterDir(dataDir), 'postmaster.pid'), 'utf8'),
    10,
  );
  const supervisor = await parentOf(postmaster);
  process.kill(supervisor, 'SIGSTOP'); // it would clean up
  script.process.kill('SIGKILL');
  await script.ended();
  process.kill(supervisor, 'SIGKILL');

  const after = await startPostgres({ dataDir, durable: false });
  await ensureDatabase(after.url, 'reached');
  await after.stop();
});

test('a stranger needs the password', async () => {
  const server = await startPostgres({ durable: false });
  const url = new URL(server.url);
  url.password = 'guess';
  await expect(ensureDatabase(url.href, 'stolen')).rejects.toThrow(/password authentication failed/);
  await server.stop();
  await server.stop(); // as a second Ctrl-C would
});

test.runIf(isRoot)(
  'as root with the clone where nobody else can enter, it runs elsewhere and leaves nothing behind',
  async () => {
    const clone = await copyClone({ closed: true });
    onTestFinished(() => clone.remove());
    const env = { ...process.env, TMPDIR: clone.temporary };
    const script = await runScript(
      `
    import { startPostgres } from './tools/src/services/postgres.ts';
    const both = await Promise.all([startPostgres({ durable: false }), startPostgres({ dataDir: '.live-feed/kept' })]);
    for (const server of both) console.log(server.url);
    process.once('SIGINT', () => Promise.all(both.map((server) => server.stop())));
    `,
      { dir: clone.dir, env },
    );
    await ensureDatabase(await script.nextLine(), 'reached');
    await ensureDatabase(await script.nextLine(), 'reached');
    script.process.kill('SIGINT');
    expect(await script.ended()).toBe(0);

    const [ours, ...others] = (await readdir(clone.temporary)).filter((name) =>
      name.startsWith('live-feed-'),
    );
    expect(others).toEqual([]);
    const user = await serviceUser();
    expect(await stat(join(clone.temporary, ours ?? ''))).toMatchObject({ uid: user?.uid, mode: 0o40700 });
    const left = await readdir(join(clone.temporary, ours ?? ''), { recursive: true });
    expect(left.filter((name) => /run-|\.lock|\.partial/.test(name))).toEqual([]);
    await expect(access(join(clone.dir, '.live-feed'))).rejects.toThrow('ENOENT');
  },
);

test.runIf(isRoot)('it runs for an ordinary user, in that user’s own clone', async ({ skip }) => {
  const user = await serviceUser();
  if (!user || !(await canReach(user, process.execPath)))
    return skip('Node itself is where only root can go');
  const { uid, gid } = user;
  const clone = await copyClone({ owner: { uid, gid } });
  onTestFinished(() => clone.remove());
  const env = { ...process.env, TMPDIR: clone.temporary, HOME: clone.temporary };
  const script = await runScript(
    `
    import { startPostgres } from './tools/src/services/postgres.ts';
    import { startRedis } from './tools/src/services/redis.ts';
    const both = [await startPostgres({ durable: false }), await startRedis()];
    console.log(both[0].url);
    process.once('SIGINT', () => Promise.all(both.map((server) => server.stop())));
    `,
    { dir: clone.dir, env, user: { uid, gid } },
  );
  await ensureDatabase(await script.nextLine(), 'reached');
  expect(await readdir(join(clone.dir, '.live-feed'))).toHaveLength(1);
  script.process.kill('SIGINT');
  expect(await script.ended()).toBe(0);
  expect(await readdir(join(clone.dir, '.live-feed'))).toEqual([]);
});

test('who may enter a folder is decided by the bits of owner, group or others alone', () => {
  const user = findUser('root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n', [
    'daemon',
    'nobody',
  ]);
  expect(user).toEqual({ name: 'nobody', uid: 65534, gid: 65534 });
  if (!user) return;
  expect(allows(user, { mode: 0o701, uid: 0, gid: 0 }, 0o1)).toBe(true);
  expect(allows(user, { mode: 0o701, uid: 0, gid: 65534 }, 0o1)).toBe(false);
  expect(allows(user, { mode: 0o077, uid: 65534, gid: 0 }, 0o1)).toBe(false);
});

async function applyMigrations(server: EmbeddedPostgres): Promise<string[]> {
  return (await migrate(await ensureDatabase(server.url, 'live_feed'))).applied;
}

/** PostgreSQL's own folder within a kept one. */
async function clusterDir(dataDir: string): Promise<string> {
  const place = await reachablePlace(dataDir, await serviceUser());
  const [home = ''] = (await readdir(place)).filter((name) => name.startsWith('postgres-'));
  return join(place, home, 'data');
}

/** Field 4 of /proc/<pid>/stat. */
async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}
