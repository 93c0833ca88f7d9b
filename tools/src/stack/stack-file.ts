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

/** The admin command line's environment for the running stack; `undefined` if none runs. */
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

/** Writes `stack.json` into `folder`, where scripts find the running stack. Appears complete; only its owner can read it. */
export async function writeStackFile(folder: string, stack: Stack): Promise<StackFile> {
  const { ingressUrl, simulatorUrl, consoleUrl, consoleUser, consolePassword } = stack;
  const { keys, campaigns, adminEnvironment } = stack;
  const path = stackFile(folder);
  const partial = `${path}.partial`;
  await rm(partial, { force: true });
  const known = {
    ...{ ingressUrl, simulatorUrl, consoleUrl, consoleUser, consolePassword },
    ...{ keys, campaigns, adminEnvironment },
  };
  const content = JSON.stringify(known, undefined, 2);
  await writeFile(partial, `${content}\n`, { mode: 0o600, flag: 'wx' });
  await rename(partial, path);
  return { remove: () => rm(path, { force: true }) };
}
