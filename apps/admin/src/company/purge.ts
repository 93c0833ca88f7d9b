import {
  countPurgeableLeads,
  type Page,
  type Purged,
  purgeLeads,
  purgeUploads,
} from '@live-feed/database/upkeep/retention';
import { databaseNow, moveCutoff } from '@live-feed/database/upkeep/retention-cutoff';
import type { Session } from '../session.ts';
import { startProgress } from '../terminal/progress.ts';
import { Refusal } from '../terminal/refusal.ts';
import { count, type Report } from '../terminal/report.ts';

const PAGE = 1_000;

interface PurgeOptions {
  readonly olderThan: number;
  readonly dryRun?: true | undefined;
  readonly yes?: true | undefined;
}

export async function purge(session: Session, { olderThan, dryRun, yes }: PurgeOptions): Promise<Report> {
  const { database } = session;
  const before = new Date((await agreedTime(session)) - olderThan);
  const everyPage = (work: (page: Page) => Promise<Purged>, what: string) =>
    throughPages(session, before.getTime(), work, what);
  if (dryRun || !yes) {
    const leads = await everyPage((page) => countPurgeableLeads(database, page), 'leads checked');
    const text = `${count(leads, 'final lead')} received and ended before ${before.toISOString()} would be removed.`;
    if (!dryRun) throw new Refusal(`${text} Add --yes to remove them for good.`);
    return { text, data: { before, dryRun: true, leads } };
  }
  const leads = await everyPage((page) => purgeLeads(database, page), 'leads checked');
  const uploads = await everyPage((page) => purgeUploads(database, page), 'uploads checked');
  if (!session.terminal.signal.aborted) await moveCutoff(database, before.getTime());
  return {
    text: `Removed ${count(leads, 'final lead')} received and ended before ${before.toISOString()}, and ${count(uploads, 'upload')}.`,
    data: { before, dryRun: false, leads, uploads },
  };
}

const MOST_APART_MS = 3_600_000;

/** Removal is final, so a wrong clock must not decide what is old: this machine's and the database's must agree. */
async function agreedTime({ database }: Session): Promise<number> {
  const nowMs = await databaseNow(database);
  const apartMs = Math.abs(nowMs - Date.now());
  if (apartMs <= MOST_APART_MS) return nowMs;
  throw new Refusal(
    `The clocks of this machine and of PostgreSQL are ${Math.round(apartMs / 60_000)} minutes apart (here ${new Date().toISOString()}, ` +
      `there ${new Date(nowMs).toISOString()}), so it is not known which leads are old. Correct the wrong clock first.`,
  );
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
