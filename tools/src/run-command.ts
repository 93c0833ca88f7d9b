import { createOwner, type Owner } from './stack/owner.ts';

/**
 * Runs a command and ends the process in order: on success, on failure, and on SIGINT, SIGTERM or SIGHUP. A signal stops `owner` while
 * the command runs, and the command's errors are then ignored. The exit code is 0, or 1 if the command or the stop failed; standard
 * error says why.
 */
export async function runCommand(command: (owner: Owner) => Promise<void>): Promise<void> {
  const owner = createOwner();
  let isInterrupted = false;
  const interrupted = new Promise<void>((resolve) => {
    const interrupt = () => {
      isInterrupted = true;
      resolve();
    };
    // Further signals change nothing: npm repeats the terminal's signal, and processes that hang are killed after their grace time.
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
