import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stack } from '../stack.ts';

export interface StackFile {
  remove(): Promise<void>;
}

/** Writes `stack.json` into `folder`, for scripts to find the running stack: whole, and for our own eyes only. */
export async function writeStackFile(folder: string, stack: Stack): Promise<StackFile> {
  const { ingressUrl, simulatorUrl, dashboard, keys, campaigns } = stack;
  const path = join(folder, 'stack.json');
  const partial = `${path}.partial`;
  await rm(partial, { force: true });
  const content = JSON.stringify({ ingressUrl, simulatorUrl, dashboard, keys, campaigns }, undefined, 2);
  await writeFile(partial, `${content}\n`, { mode: 0o600, flag: 'wx' });
  await rename(partial, path);
  return { remove: () => rm(path, { force: true }) };
}
