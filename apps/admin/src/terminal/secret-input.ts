import { readFile } from 'node:fs/promises';
import { readLine } from './question.ts';
import { Refusal } from './refusal.ts';
import type { Terminal } from './terminal.ts';

/** Longer than any secret; a file piped in by mistake may be longer. */
const MOST_BYTES = 4_096;

/**
 * Reads a secret from a file, or for `-` from standard input; on a terminal it asks, without echo. Never from an argument, which
 * others could see in the shell's history and the list of processes.
 *
 * @param what the name of the secret, for the question and for errors
 * @param orEmpty it may be empty
 */
export async function readSecret(
  terminal: Terminal,
  file: string,
  what: string,
  orEmpty?: 'or empty',
): Promise<string> {
  const secret = (await readFrom(terminal, file, what)).trim();
  if (secret === '' && orEmpty === undefined) throw new Refusal(`The ${what} is empty. Nothing was changed.`);
  return secret;
}

async function readFrom(terminal: Terminal, file: string, what: string): Promise<string> {
  if (file !== '-') return readSecretFile(file, what);
  const { stdin } = terminal;
  if (stdin.isTTY) return ask(terminal, what);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Refusal(`The text on standard input is too long for the ${what}.`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function readSecretFile(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown';
    throw new Refusal(
      `The file with the ${what} cannot be read (${code}): ${file}. Nothing was changed. Check its name. With Compose the command sees none of your files: pass the file on standard input, with - < ${file}`,
      { cause: error },
    );
  }
}

async function ask(terminal: Terminal, what: string): Promise<string> {
  try {
    return await readLine(terminal, { prompt: `${what} (not shown): `, silent: true });
  } catch (error) {
    // Ctrl-C, or the end of the input.
    throw new Refusal('Nothing was entered. Nothing was changed.', { cause: error });
  }
}
