import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cloneDir } from '@live-feed/tools/clone';
import { type CpuProfile, cpuProfileSchema } from './self-time.ts';

/** Not in git. */
const profilesFolder = join(cloneDir, 'bench', 'profiles');

const writtenWithinMs = 20_000;

/** What the stack's processes are started with to be profiled. */
export function profiledEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const profiler = new URL('./profiler.mjs', import.meta.url).href;
  return { ...env, NODE_OPTIONS: `--import ${profiler}`, LIVE_FEED_PROFILES: profilesFolder };
}

export interface Profiled {
  /** For the file's name. */
  readonly name: string;
  readonly pid: number;
}

/** Begins or ends the CPU profiles of processes. */
export function toggleProfiles(processes: readonly Profiled[]): void {
  for (const { pid } of processes) process.kill(pid, 'SIGUSR2');
}

/** The ended profile of a process, kept as `<label>-<name>.cpuprofile` for Chrome's developer tools. */
export async function keepProfile({ name, pid }: Profiled, label: string): Promise<CpuProfile> {
  const written = join(profilesFolder, `${pid}.cpuprofile`);
  const endsAt = performance.now() + writtenWithinMs;
  while (!(await exists(written))) {
    if (performance.now() > endsAt) throw new Error(`The ${name} did not write its CPU profile.`);
    await delay(50);
  }
  const kept = join(profilesFolder, `${label}-${name}.cpuprofile`);
  await rename(written, kept);
  return cpuProfileSchema.parse(JSON.parse(await readFile(kept, 'utf8')));
}

/** An empty folder: profiles of another commit would mislead. */
export async function emptyProfilesFolder(): Promise<void> {
  await rm(profilesFolder, { recursive: true, force: true });
  await mkdir(profilesFolder, { recursive: true });
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
