import { CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { useOverlays } from '@live-feed/core/caller-id/overlays';
import { InputError, Refusal as OperationRefused } from '@live-feed/operations/refusal';
import {
  EnvironmentError,
  EXIT_CONFIGURATION,
  readEnvironment,
} from '@live-feed/runtime/configuration/environment';
import { redactText } from '@live-feed/runtime/logging/redaction';
import type { Run } from './command.ts';
import { adminEnvironment } from './environment.ts';
import { buildProgram } from './program.ts';
import { openSession } from './session.ts';
import { asTyped, hintOf } from './terminal/hint.ts';
import { Interrupted, Refusal, UsageError } from './terminal/refusal.ts';
import type { Terminal } from './terminal/terminal.ts';

const EXIT = { done: 0, failed: 1, usage: 2, configuration: EXIT_CONFIGURATION, interrupted: 130 } as const;

/**
 * Runs one command of the command line, and closes what it opened.
 *
 * @param argv without node and the script
 * @returns the exit code; errors are on standard error by then
 */
export async function runAdmin(argv: readonly string[], terminal: Terminal): Promise<number> {
  let failed = false;
  const run: Run = async ({ json }, work) => {
    const env = readEnvironment(adminEnvironment, terminal.env);
    useOverlays(env.AREA_CODES_FILE);
    const session = await openSession(env, terminal);
    try {
      const report = await work(session);
      failed = report.failed === true;
      const text = json ? JSON.stringify(report.data, null, 2) : asTyped(report.text, nameIn(terminal));
      const output = report.isAside ? terminal.stderr : terminal.stdout;
      output.write(`${text}\n`);
    } finally {
      await session.close();
    }
  };
  const program = await buildProgram(run, argv);
  settle(program, terminal);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    if (terminal.signal.aborted) return EXIT.interrupted;
    return failed ? EXIT.failed : EXIT.done;
  } catch (error) {
    return explain(error, terminal);
  }
}

/**
 * No command ends the process by itself or writes past the terminal.
 *
 * @param path the names of the commands up to this one, each with a space after it
 */
function settle(command: CommandUnknownOpts, terminal: Terminal, path = ''): void {
  const { stdout, stderr } = terminal;
  command
    .exitOverride()
    .showHelpAfterError(`See: \`admin ${path}--help\``)
    .configureOutput({
      writeOut: (text) => stdout.write(asTyped(text, nameIn(terminal))),
      writeErr: (text) => stderr.write(asTyped(text, nameIn(terminal))),
    });
  for (const inner of command.commands) settle(inner, terminal, `${path}${inner.name()} `);
}

function explain(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  terminal.stderr.write(`${asTyped(messageOf(error), nameIn(terminal))}\n`);
  if (error instanceof UsageError || error instanceof InputError) return EXIT.usage;
  if (error instanceof Refusal && error.cause instanceof Interrupted) return EXIT.interrupted;
  return error instanceof EnvironmentError ? EXIT.configuration : EXIT.failed;
}

/** How the user started this command line, if a wrapper says so in ADMIN_COMMAND. */
function nameIn({ env }: Terminal): string | undefined {
  return env['ADMIN_COMMAND'];
}

function messageOf(error: unknown): string {
  if (error instanceof OperationRefused) {
    return error.see === undefined ? error.message : `${error.message} ${hintOf(error.see)}`;
  }
  if (error instanceof InputError) return error.message;
  if (error instanceof Refusal || error instanceof UsageError || error instanceof EnvironmentError) {
    return error.message;
  }
  if (!(error instanceof Error)) return 'Something other than an Error was thrown.';
  return redactText(DATABASE_ERROR.test(error.name) ? databaseMessage(error) : error.message);
}

const DATABASE_ERROR = /^PrismaClient/;
/** Prisma's codes for a missing table or column. */
const NO_SUCH_TABLE = /^P202[12]$/;

/** Prisma quotes our code first, and names the problem in the last line. */
function databaseMessage(error: Error): string {
  const said = error.message.trim().split('\n').at(-1);
  const isOld = 'code' in error && NO_SUCH_TABLE.test(String(error.code));
  return `The database reported an error: ${said}${isOld ? ' Bring it up to date with: npm run migrate' : ''}`;
}
