import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { installWithApt } from './apt-package.ts';
import { findExecutable } from './executables.ts';

const run = promisify(execFile);

const servers = ['redis-server', 'valkey-server'];

/**
 * The path of a Redis or Valkey server in the PATH. If there is none, it installs one as root on Debian or Ubuntu and reports that
 * through `say`; elsewhere it throws an error that names the command to run.
 */
export async function redisBinary(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<string> {
  const found = await findExecutable(servers, env['PATH']);
  if (found) return found;
  const apt = process.getuid?.() === 0 ? await findExecutable(['apt-get'], env['PATH']) : undefined;
  if (apt) {
    return installWithApt({
      ...{ apt, name: 'redis-server', programs: servers, env, say, afterwards: () => endSystemService(env) },
      otherwise: '; or set REDIS_URL to a Redis of your own',
    });
  }
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

/** With systemd the installed service starts, whatever the run level. It is new, so nobody uses it yet. */
async function endSystemService(env: NodeJS.ProcessEnv): Promise<void> {
  const hasSystemd = await stat('/run/systemd/system').catch(() => undefined);
  if (!hasSystemd) return;
  await run('systemctl', ['disable', '--now', 'redis-server.service'], { env, timeout: 30_000 });
}
