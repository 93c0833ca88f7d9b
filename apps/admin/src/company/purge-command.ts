import { Option } from '@commander-js/extra-typings';
import { duration } from '@live-feed/operations/inputs/written';
import { leaf, type Run } from '../command.ts';
import { as } from '../terminal/arguments.ts';

export function purgeCommand(run: Run) {
  return leaf('purge', 'remove old final leads, and uploads without leads')
    .addOption(
      new Option('--older-than <duration>', 'age, counted from when a lead was received')
        // A request repeated with its Idempotency-Key needs its lead for a day.
        .argParser(as(duration({ min: '3d', max: '3650d' })))
        .makeOptionMandatory(),
    )
    .option('--dry-run', 'only count the leads')
    .option('--yes', 'remove them; without it, only show how many would be removed')
    .addHelpText(
      'after',
      '\nWorkers do the same by themselves, after WORKER_RETENTION_DAYS. Parked leads stay.\n\nExample:\n  admin purge --older-than 90d --dry-run',
    )
    .action((options) =>
      run(options, async (session) => (await import('./purge.ts')).purge(session, options)),
    );
}
