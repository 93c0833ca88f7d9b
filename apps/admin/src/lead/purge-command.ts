import { Option } from '@commander-js/extra-typings';
import { duration } from '@live-feed/operations/inputs/written';
import { leadPurge } from '@live-feed/operations/lead/lead-purge';
import { leaf, type Run } from '../command.ts';
import type { Session } from '../session.ts';
import { as } from '../terminal/arguments.ts';
import { startProgress } from '../terminal/progress.ts';
import { Refusal } from '../terminal/refusal.ts';
import { count, type Report } from '../terminal/report.ts';

export function purgeCommand(run: Run) {
  return leaf('purge', 'remove old final leads, and uploads without leads')
    .addOption(
      new Option('--older-than <duration>', 'age, counted from when a lead was received')
        .argParser(as(duration({ min: '3d', max: '3650d' })))
        .makeOptionMandatory(),
    )
    .option('--dry-run', 'only count the leads')
    .option('--yes', 'remove them; without it, only show how many would be removed')
    .addHelpText(
      'after',
      '\nWorkers do the same by themselves, after WORKER_RETENTION_DAYS. Parked leads stay.\n\nExample:\n  admin purge --older-than 90d --dry-run',
    )
    .action((options) => run(options, (session) => purge(session, options)));
}

interface PurgeOptions {
  readonly olderThan: number;
  readonly dryRun?: true | undefined;
  readonly yes?: true | undefined;
}

async function purge(session: Session, { olderThan, dryRun, yes }: PurgeOptions): Promise<Report> {
  const progress = startProgress(session.terminal, 'rows checked');
  const perform = (isDry: boolean) =>
    session
      .perform(leadPurge, { olderThanMs: olderThan, dryRun: isDry }, progress.show)
      .finally(() => progress.stop());
  const data = await perform(dryRun === true || yes !== true);
  const such = `received and ended before ${data.before.toISOString()}`;
  if (data.dryRun) {
    const text = `${count(data.leads, 'final lead')} ${such} would be removed.`;
    if (!dryRun) throw new Refusal(`${text} Add --yes to remove them for good.`);
    return { text, data };
  }
  return {
    text: `Removed ${count(data.leads, 'final lead')} ${such}, and ${count(data.uploads, 'upload')}.`,
    data,
  };
}
