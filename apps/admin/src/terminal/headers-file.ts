import type { OwnHeaders } from '@live-feed/core/directory/own-headers';
import { headerLines } from '@live-feed/operations/inputs/written-headers';
import { Refusal } from './refusal.ts';
import { readSecret } from './secret-input.ts';
import type { Terminal } from './terminal.ts';

/** @returns null for none, undefined if no file is named @throws Refusal that does not repeat values */
export async function readHeaders(
  terminal: Terminal,
  file: string | undefined,
): Promise<OwnHeaders | null | undefined> {
  if (file === undefined) return undefined;
  const reading = headerLines.safeParse(await readSecret(terminal, file, 'headers', 'or empty'));
  if (reading.success) return reading.data;
  throw new Refusal(`${reading.error.issues[0]?.message} Nothing was changed.`);
}
