import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { MOST_BYTES } from '@live-feed/operations/spreadsheet/spreadsheet-rows';
import { Refusal } from './refusal.ts';
import type { Terminal } from './terminal.ts';

/** @param file `-` is standard input @throws Refusal if it cannot be read, or is too large */
export async function readBytes(terminal: Terminal, file: string): Promise<Buffer> {
  const source: Readable = file === '-' ? terminal.stdin : createReadStream(file);
  try {
    return await bytesOf(source);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown';
    throw new Refusal(
      `The file cannot be read (${code}). Nothing was imported. A container does not see your files: pass the file on standard input, with - < file`,
      { cause: error },
    );
  } finally {
    source.destroy();
  }
}

async function bytesOf(source: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length > MOST_BYTES)
      throw new Refusal('The file has more than 64 MiB: split it. Nothing was imported.');
  }
  return Buffer.concat(chunks);
}
