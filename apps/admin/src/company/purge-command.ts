import { Option } from '@commander-js/extra-typings';
import { as, duration } from '../terminal/arguments.ts';
import { leaf, type Run } from '../terminal/command.ts';

export function purgeCommand(run: Run) {
  return leaf(
    'purge',
    'remove final leads that were received long ago, and the uploads that no lead names any more',
  )
    .addOption(
      new Option('--older-than <duration>', 'counted from when they were received')
        // Whoever repeats a request under its Idempotency-Key needs its lead for a day.
        .argParser(as(duration({ min: '3d', max: '3650d' })))
        .makeOptionMandatory(),
    )
    .option('--dry-run', 'only count the leads')
    .option('--yes', 'do it; without it, only what would be removed is told')
    .addHelpText(
      'after',
      '\nWorkers do the same by themselves, after WORKER_RETENTION_DAYS, a day of leads in a day. Parked leads stay.\n\nExample:\n  admin purge --older-than 90d --dry-run',
    )
    .action((options) =>
      run(options, async (session) => (await import('./purge.ts')).purge(session, options)),
    );
}
