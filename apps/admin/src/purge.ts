import {
  countPurgeableLeads,
  type Page,
  type Purged,
  purgeLeads,
  purgeUploads,
} from '@live-feed/database/retention';
import { startProgress } from './progress.ts';
import { count, type Report } from './report.ts';
import type { Session } from './session.ts';

const PAGE = 1_000;

export async function purge(
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
