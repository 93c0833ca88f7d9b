import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { findExecutable } from './executables.ts';
import { acquireLock } from './process-lock.ts';

const run = promisify(execFile);

const servers = ['redis-server', 'valkey-server'];
const installLimitMs = 300_000;

/**
 * The path of a Redis or Valkey server in the PATH. If there is none, it installs one as root on Debian or Ubuntu and reports that
 * through `say`; elsewhere it throws an error that names the command to run.
 */
export async function redisBinary(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<string> {
  const found = await findExecutable(servers, env['PATH']);
  if (found) return found;
  const apt = process.getuid?.() === 0 ? await findExecutable(['apt-get'], env['PATH']) : undefined;
  if (apt) return installWithApt(apt, env, say);
  throw new Error(missingRedis(process.platform, await readFile('/etc/os-release', 'utf8').catch(() => '')));
}

/** The message for a person without Redis, with the command for their system. */
export function missingRedis(platform: NodeJS.Platform, osRelease: string): string {
  return [
    `There is no ${servers.join(' and no ')} in the PATH. Install one, then run this again:`,
    `  ${installCommand(platform, osRelease)}`,
    'Or set REDIS_URL to a Redis of your own.',
  ].join('\n');
}

function installCommand(platform: NodeJS.Platform, osRelease: string): string {
  if (platform === 'darwin') return 'brew install redis';
  const [, ids = ''] = /^ID(?:_LIKE)?=(.*(?:\n.*)*)/m.exec(osRelease) ?? [];
  if (/debian|ubuntu/.test(ids)) return 'sudo apt-get update && sudo apt-get install -y redis-server';
  if (/fedora|rhel|centos/.test(ids)) return 'sudo dnf install -y valkey';
  if (/alpine/.test(ids)) return 'sudo apk add redis';
  if (/arch/.test(ids)) return 'sudo pacman -S --noconfirm valkey';
  if (/suse/.test(ids)) return 'sudo zypper install -y redis';
  return 'install Redis as https://redis.io/docs/latest/operate/oss_and_stack/install/ describes';
}

/** Installs the distribution's package, one process at a time, and stops the service that the installation starts. */
async function installWithApt(
  apt: string,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<string> {
  const lock = await acquireLock('/run/live-feed-apt.lock', { waitMs: installLimitMs });
  try {
    const meanwhile = await findExecutable(servers, env['PATH']);
    if (meanwhile) return meanwhile;
    say('No Redis in the PATH: installing it with "apt-get install -y redis-server".');
    const options = {
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }, // run level 1: init scripts start nothing
      timeout: installLimitMs,
      maxBuffer: 16 * 1024 * 1024,
    };
    const waitForDpkg = ['-o', `DPkg::Lock::Timeout=${installLimitMs / 1000}`];
    // A failed refresh only matters if the package cannot be installed then.
    await run(apt, [...waitForDpkg, 'update'], options).catch(() => {});
    await run(apt, [...waitForDpkg, 'install', '-y', '--no-install-recommends', 'redis-server'], options);
    await endSystemService(env);
  } catch (error) {
    throw new Error(
      'Redis could not be installed with apt. Run "apt-get update && apt-get install -y redis-server", see what it ' +
        `says, then run this again; or set REDIS_URL to a Redis of your own.\n${String(error)}`,
      { cause: error },
    );
  } finally {
    await lock.release();
  }
  const installed = await findExecutable(servers, env['PATH']);
  if (installed) return installed;
  throw new Error(
    'redis-server was installed, but not into a folder of the PATH. Add its folder (/usr/bin) to the PATH.',
  );
}

/** With systemd the installed service starts, whatever the run level. It is new, so nobody uses it yet. */
async function endSystemService(env: NodeJS.ProcessEnv): Promise<void> {
  const hasSystemd = await stat('/run/systemd/system').catch(() => undefined);
  if (!hasSystemd) return;
  await run('systemctl', ['disable', '--now', 'redis-server.service'], { env, timeout: 30_000 });
}
