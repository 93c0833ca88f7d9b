import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@live-feed/tools/services/free-port';
import { supervise } from '@live-feed/tools/services/supervise';
import { serviceUser } from '@live-feed/tools/services/unprivileged-user';
import { onTestFinished } from 'vitest';
import { program } from './program.ts';

/**
 * A PgBouncer with its defaults in front of a database, for the present test.
 *
 * @returns the URL that leads through it
 */
export async function startPgBouncer(
  databaseUrl: string,
  poolMode: 'session' | 'transaction',
): Promise<string> {
  const command = await program('pgbouncer');
  const url = new URL(databaseUrl);
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'live-feed-pgbouncer-'));
  const user = await serviceUser();
  const users = join(folder, 'users.txt');
  const configuration = join(folder, 'pgbouncer.ini');
  await writeFile(users, `"${url.username}" "${url.password}"\n`);
  await writeFile(
    configuration,
    `[databases]
* = host=${url.hostname} port=${url.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = ${poolMode}
`,
  );
  if (user !== undefined) {
    for (const path of [folder, users, configuration]) await chown(path, user.uid, user.gid);
  }
  const bouncer = await supervise({
    name: 'PgBouncer',
    command,
    args: [configuration],
    env: process.env,
    cwd: folder,
    user,
    stopSignal: 'SIGTERM',
    graceMs: 2_000,
    removeIfOrphaned: [folder],
  });
  onTestFinished(async () => {
    await bouncer.kill();
    await rm(folder, { recursive: true, force: true });
  });
  await bouncer.printed(/process up/, 20_000);
  url.port = String(port);
  return url.href;
}
