import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildProgram } from '@live-feed/admin/program';
import { asTyped, hint } from '@live-feed/admin/terminal/hint';
import { cloneDir } from '@live-feed/tools/clone';
import { type Command, CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';

/** Every command that the command line or the documentation names is one that it has, with the arguments and options written there. */

const AN_ID = '019a3f6e-7c1b-7d20-9a57-1f0c8e2b4d61';
const HINTS = /hint`((?:[^`$]|\$\{[^}]*\})*)`/g;
const EXAMPLES = /\\nExample:\\n {2}admin ([^'`]*?)['`]/g;

/** @returns what the command line says to it, undefined if it takes it */
async function refusalOf(argv: readonly string[]): Promise<string | undefined> {
  const program = (await buildProgram(async () => undefined)) as unknown as Command;
  const quiet = (command: Command) => {
    command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
    for (const inner of command.commands) quiet(inner);
  };
  quiet(program);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return undefined;
    return error instanceof Error ? error.message : String(error);
  }
}

/** As a shell reads it; what stands for something else is an id, and of several words the first. */
function words(command: string): string[] {
  const filled = command.replaceAll(/\$\{[^}]*\}|<[^>]*>/g, AN_ID).replaceAll(/\\\\\\n/g, ' ');
  return (filled.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) =>
    word
      .replaceAll(/^["']|["']$/g, '')
      .replace(/(?<=\w)\|.*$/, '')
      .replace('…', '1'),
  );
}

async function textsIn(folder: string, ending: string, recursive = true): Promise<string> {
  const names = (await readdir(join(cloneDir, folder), { recursive })).filter((name) =>
    name.endsWith(ending),
  );
  const texts = await Promise.all(names.map((name) => readFile(join(cloneDir, folder, name), 'utf8')));
  return texts.join('\n');
}

/** Without the ends of lines that a shell goes on reading after. */
async function documentation(): Promise<string> {
  const pages = [await textsIn('docs', '.md'), await textsIn('.', '.md', false)];
  return pages.join('\n').replace(/\\\n\s*/g, '');
}

describe('what can be pasted', () => {
  test('hints and examples of the command line', async () => {
    const source = await textsIn('apps/admin/src', '.ts');
    const commands = [HINTS, EXAMPLES].flatMap((pattern) =>
      [...source.matchAll(pattern)].map(([, text = '']) => text),
    );
    expect(commands.length).toBeGreaterThan(30);
    for (const command of commands)
      expect([command, await refusalOf(words(command))]).toEqual([command, undefined]);
  });

  test('no hint is written by hand', async () => {
    const source = await textsIn('apps/admin/src', '.ts');
    expect(
      source.match(/(?:See|with|Next): (?:company|key|dialer|campaign|ani|lead|seal|purge)\b.*/g),
    ).toBeNull();
  });

  test('lines of the documentation', async () => {
    const docs = await documentation();
    const lines = [
      ...docs.matchAll(/^(?:\$ )?(?:admin|npm run admin --|docker compose run --rm(?: -T)? admin) (.*)$/gm),
    ];
    const commands = lines.map(([, text = '']) => text.replace(/\s+[#<>|].*$/, ''));
    expect(commands.length).toBeGreaterThan(10);
    for (const command of commands)
      expect([command, await refusalOf(words(command))]).toEqual([command, undefined]);
  });

  test('commands named in the documentation’s text, as far as they are written out', async () => {
    const docs = await documentation();
    const commands = [
      ...docs.matchAll(/`(?:admin|npm run admin --|docker compose run --rm(?: -T)? admin) ([a-z][^`]*)`/g),
    ];
    expect(commands.length).toBeGreaterThan(20);
    for (const [, command = ''] of commands) {
      const refusal = await refusalOf(words(command.replace(/\s+[<]\s.*$/, '')));
      if (!/missing required argument|required option/.test(refusal ?? '')) {
        expect([command, refusal]).toEqual([command, undefined]);
      }
    }
  });
});

test('a hint is quoted for a shell, and named as the command line was called', () => {
  expect(hint`dialer release ${'Acme Solar'}`).toBe('`admin dialer release "Acme Solar"`');
  expect(hint`key issue ${'$HOME "x"'}`).toBe('`admin key issue \'$HOME "x"\'`');
  expect(asTyped(`See: ${hint`key list`}`, 'npm run admin --')).toBe('See: `npm run admin -- key list`');
  expect(asTyped('Example:\n  admin key list', 'docker compose run --rm admin')).toBe(
    'Example:\n  docker compose run --rm admin key list',
  );
});
