import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findExecutable } from '@live-feed/tools/services/executables';
import { acquireLock } from '@live-feed/tools/services/process-lock';

const run = promisify(execFile);

const INSTALL_LIMIT_MS = 300_000;
/** Where servers are, which a user's PATH may lack. */
const SEARCHED = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;

/**
 * The path of a program. Where there is none, root on Debian or Ubuntu installs its package; elsewhere this fails: a test that needs
 * it is not skipped.
 */
export async function program(name: string, debianPackage = name): Promise<string> {
  const found = await findExecutable([name], SEARCHED);
  if (found !== undefined) return found;
  const apt = process.getuid?.() === 0 ? await findExecutable(['apt-get'], SEARCHED) : undefined;
  if (apt === undefined) throw new Error(`There is no ${name} in the PATH. Install it, then run this again.`);
  const lock = await acquireLock('/run/live-feed-apt.lock', { waitMs: INSTALL_LIMIT_MS });
  try {
    // Run level 1: init scripts start nothing.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const options = { env, timeout: INSTALL_LIMIT_MS, maxBuffer: 16 * 1024 * 1024 };
    await run(apt, ['update'], options).catch(() => {});
    await run(apt, ['install', '-y', '--no-install-recommends', debianPackage], options);
  } finally {
    await lock.release();
  }
  const installed = await findExecutable([name], SEARCHED);
  if (installed === undefined) throw new Error(`${name} was installed, but not into a folder of the PATH.`);
  return installed;
}
