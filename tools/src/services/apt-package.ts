import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findExecutable } from './executables.ts';
import { acquireLock } from './process-lock.ts';

const run = promisify(execFile);

const installLimitMs = 300_000;

export interface AptPackage {
  /** Path of apt-get. */
  readonly apt: string;
  /** Of the package. */
  readonly name: string;
  /** It brings one of these. */
  readonly programs: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  /** Ends what the installation has started. */
  readonly afterwards?: () => Promise<void>;
  /** What else somebody can do whose installation fails. */
  readonly otherwise?: string;
}

/** Installs a package of the distribution, one process at a time. @returns the path of the program */
export async function installWithApt(wanted: AptPackage): Promise<string> {
  const { apt, name, programs, env, say, afterwards, otherwise = '' } = wanted;
  const lock = await acquireLock('/run/live-feed-apt.lock', { waitMs: installLimitMs });
  try {
    const meanwhile = await findExecutable(programs, env['PATH']);
    if (meanwhile) return meanwhile;
    say(`No ${programs[0]} in the PATH: installing it with "apt-get install -y ${name}".`);
    const options = {
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }, // run level 1: init scripts start nothing
      timeout: installLimitMs,
      maxBuffer: 16 * 1024 * 1024,
    };
    const waitForDpkg = ['-o', `DPkg::Lock::Timeout=${installLimitMs / 1000}`];
    // A failed refresh only matters if the package cannot be installed then.
    await run(apt, [...waitForDpkg, 'update'], options).catch(() => {});
    await run(apt, [...waitForDpkg, 'install', '-y', '--no-install-recommends', name], options);
    await afterwards?.();
  } catch (error) {
    throw new Error(
      `${name} could not be installed with apt. Run "apt-get update && apt-get install -y ${name}", see what it ` +
        `says, then run this again${otherwise}.\n${String(error)}`,
      { cause: error },
    );
  } finally {
    await lock.release();
  }
  const installed = await findExecutable(programs, env['PATH']);
  if (installed) return installed;
  throw new Error(
    `${name} was installed, but not into a folder of the PATH. Add its folder (/usr/bin) to the PATH.`,
  );
}
