import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** The secrets that the stack needs to read its data at the next start. */
const secretsSchema = z.object({
  /** In the format of SEAL_KEYS. */
  sealKeys: z.string(),
  phoneDigestSecret: z.string(),
  consolePassword: z.string(),
  /** What the demo companies' API keys are derived from. */
  demoKeySecret: z.string(),
});

export type StackSecrets = z.output<typeof secretsSchema>;

/** New random secrets. */
export function makeSecrets(): StackSecrets {
  return {
    sealKeys: `k1:${randomBytes(32).toString('base64')}`,
    phoneDigestSecret: randomBytes(32).toString('base64'),
    consolePassword: randomBytes(12).toString('base64url'),
    demoKeySecret: randomBytes(32).toString('base64url'),
  };
}

/** The secrets kept in `folder`, which must exist; created the first time, in a file that only its owner can read. */
export async function keptSecrets(folder: string): Promise<StackSecrets> {
  const file = join(folder, 'secrets.json');
  try {
    return secretsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new Error(`${file} cannot be read. Repair it, or remove ${folder} to start with empty data.`, {
        cause: error,
      });
    }
  }
  const made = makeSecrets();
  await writeFile(file, JSON.stringify(made), { mode: 0o600, flag: 'wx' });
  return made;
}
