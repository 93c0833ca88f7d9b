import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What the stack needs again to read the data that it left. */
const secretsSchema = z.object({
  /** As the variable SEAL_KEYS. */
  sealKeys: z.string(),
  phoneDigestSecret: z.string(),
  dashboardPassword: z.string(),
  /** What the demo companies' API keys are derived from. */
  demoKeySecret: z.string(),
});

export type StackSecrets = z.output<typeof secretsSchema>;

/** Fresh ones. */
export function makeSecrets(): StackSecrets {
  return {
    sealKeys: `k1:${randomBytes(32).toString('base64')}`,
    phoneDigestSecret: randomBytes(32).toString('base64'),
    dashboardPassword: randomBytes(12).toString('base64url'),
    demoKeySecret: randomBytes(32).toString('base64url'),
  };
}

/** Those of `folder`, which must exist; made the first time. For our own eyes only. */
export async function keptSecrets(folder: string): Promise<StackSecrets> {
  const file = join(folder, 'secrets.json');
  try {
    return secretsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new Error(`${file} cannot be read. Mend it, or remove ${folder} to begin with empty data.`, {
        cause: error,
      });
    }
  }
  const made = makeSecrets();
  await writeFile(file, JSON.stringify(made), { mode: 0o600, flag: 'wx' });
  return made;
}
