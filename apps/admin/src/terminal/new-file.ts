import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Refusal } from './refusal.ts';
import type { Terminal } from './terminal.ts';

/**
 * Writes a text as it is read.
 *
 * @param file a new one, which only this user may read; `-` is standard output
 * @throws Refusal if the file is there already, or cannot be written
 */
export async function writeNewFile(
  { stdout }: Terminal,
  file: string,
  text: AsyncIterable<string>,
): Promise<void> {
  const lines = Readable.from(text);
  try {
    if (file === '-') await pipeline(lines, stdout, { end: false });
    else await pipeline(lines, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') throw new Refusal(`There is a file "${file}" already: name another one.`);
    if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) throw error;
    throw new Refusal(`The file cannot be written (${code}).`, { cause: error });
  }
}
