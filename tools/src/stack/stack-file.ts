import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Stack } from '../stack.ts';

export interface StackFile {
  remove(): Promise<void>;
}

function stackFile(folder: string): string {
  return join(folder, 'stack.json');
}

/** What the admin command line is given to reach the stack that runs; `undefined` while none does. */
export async function runningStackEnvironment(
  folder: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    return stackSchema.parse(JSON.parse(await readFile(stackFile(folder), 'utf8'))).adminEnvironment;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const stackSchema = z.object({ adminEnvironment: z.record(z.string(), z.string()) });

/** Writes `stack.json` into `folder`, for scripts to find the running stack: whole, and for our own eyes only. */
export async function writeStackFile(folder: string, stack: Stack): Promise<StackFile> {
  const { ingressUrl, simulatorUrl, dashboard, keys, campaigns, adminEnvironment } = stack;
  const path = stackFile(folder);
  const partial = `${path}.partial`;
  await rm(partial, { force: true });
  const told = { ingressUrl, simulatorUrl, dashboard, keys, campaigns, adminEnvironment };
  const content = JSON.stringify(told, undefined, 2);
  await writeFile(partial, `${content}\n`, { mode: 0o600, flag: 'wx' });
  await rename(partial, path);
  return { remove: () => rm(path, { force: true }) };
}
