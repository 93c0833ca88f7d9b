import { createOwner, type Owner } from './stack/owner.ts';

/**
 * Runs a command of the command line and ends the process in order: on success, on failure, and on SIGINT, SIGTERM or
 * SIGHUP, when `owner` is stopped under the command, whose errors then no longer count. The exit code is 0, or 1 when the
 * command or the ending failed; then standard error says why.
 */
export async function runCommand(command: (owner: Owner) => Promise<void>): Promise<void> {
  const owner = createOwner();
  let isInterrupted = false;
  const interrupted = new Promise<void>((resolve) => {
    const interrupt = () => {
      isInterrupted = true;
      resolve();
    };
    // Further signals change nothing: npm passes on what the terminal has sent already, and whatever hangs is killed in time.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  });
  const finished = command(owner).catch((error: unknown) => {
    if (!isInterrupted) fail(error);
  });
  await Promise.race([finished, interrupted]);
  await owner.stop().catch(fail);
  await finished;
  process.exit();
}

function fail(error: unknown): void {
  process.exitCode = 1;
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof AggregateError) for (const each of error.errors) console.error(`  ${each}`);
}
