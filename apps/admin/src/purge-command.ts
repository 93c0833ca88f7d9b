import { Option } from '@commander-js/extra-typings';
import {
  countPurgeableLeads,
  type Page,
  type Purged,
  purgeLeads,
  purgeUploads,
} from '@live-feed/database/retention';
import { as, duration } from './arguments.ts';
import { leaf, type Run } from './command.ts';
import { startProgress } from './progress.ts';
import { count, type Report } from './report.ts';
import type { Session } from './session.ts';

const PAGE = 1_000;

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
    .addHelpText(
      'after',
      '\nWorkers do the same by themselves, after WORKER_RETENTION_DAYS. Parked leads stay.\n\nExample:\n  admin purge --older-than 90d --dry-run',
    )
    .action((options) => run(options, (session) => purge(session, options)));
}

async function purge(
  session: Session,
  { olderThan, dryRun = false }: { readonly olderThan: number; readonly dryRun?: true | undefined | false },
): Promise<Report> {
  const { database } = session;
  const before = new Date(Date.now() - olderThan);
  const everyPage = (work: (page: Page) => Promise<Purged>, what: string) =>
    throughPages(session, before.getTime(), work, what);
  if (dryRun) {
    const leads = await everyPage((page) => countPurgeableLeads(database, page), 'leads looked at');
    return {
      text: `${count(leads, 'final lead')} received before ${before.toISOString()} would be removed.`,
      data: { before, dryRun, leads },
    };
  }
  const leads = await everyPage((page) => purgeLeads(database, page), 'leads looked at');
  const uploads = await everyPage((page) => purgeUploads(database, page), 'uploads looked at');
  return {
    text: `Removed ${count(leads, 'final lead')} received before ${before.toISOString()}, and ${count(uploads, 'upload')}.`,
    data: { before, dryRun, leads, uploads },
  };
}

async function throughPages(
  { terminal }: Session,
  beforeMs: number,
  work: (page: Page) => Promise<Purged>,
  what: string,
): Promise<number> {
  const progress = startProgress(terminal, what);
  let removed = 0;
  let afterId: string | undefined;
  try {
    for (let seen = 0; !terminal.signal.aborted; ) {
      const page = await work({ beforeMs, afterId, limit: PAGE });
      removed += page.removed;
      seen += page.seen;
      progress.show(seen, seen);
      afterId = page.lastId ?? undefined;
      if (page.seen < PAGE) break;
    }
  } finally {
    progress.stop();
  }
  return removed;
}
