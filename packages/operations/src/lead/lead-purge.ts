import {
  countPurgeableLeads,
  type Page,
  type Purged,
  purgeLeads,
  purgeUploads,
} from '@live-feed/database/upkeep/retention';
import { databaseNow, moveCutoff } from '@live-feed/database/upkeep/retention-cutoff';
import { z } from 'zod';
import { type Context, ofInstallation } from '../operation.ts';
import { Refusal } from '../refusal.ts';

const PAGE = 1_000;
const DAY_MS = 86_400_000;

export const leadPurge = ofInstallation({
  name: 'lead.purge',
  summary: 'removes old final leads, and uploads without leads; workers do the same by themselves',
  role: 'admin',
  route: 'POST /purge',
  input: z.object({
    // A request repeated with its Idempotency-Key needs its lead for a day.
    olderThanMs: z
      .int()
      .min(3 * DAY_MS)
      .max(3_650 * DAY_MS)
      .describe('age in milliseconds, counted from when a lead was received'),
    dryRun: z.boolean().default(false).describe('only count the leads'),
  }),
  async run(context, { olderThanMs, dryRun }) {
    const { database, signal, record } = context;
    const before = new Date((await agreedTime(context)) - olderThanMs);
    const everyPage = (work: (page: Page) => Promise<Purged>) =>
      throughPages(context, before.getTime(), work);
    if (dryRun) {
      return {
        before,
        dryRun: true as const,
        leads: await everyPage((page) => countPurgeableLeads(database, page)),
      };
    }
    const leads = await everyPage((page) => purgeLeads(database, page));
    const uploads = await everyPage((page) => purgeUploads(database, page));
    if (!signal.aborted) await moveCutoff(database, before.getTime());
    record({ after: { before, leads, uploads } });
    return { before, dryRun: false as const, leads, uploads };
  },
});

const MOST_APART_MS = 3_600_000;

/** Removal is final, so a wrong clock must not decide what is old: this machine's and the database's must agree. */
async function agreedTime({ database }: Context): Promise<number> {
  const nowMs = await databaseNow(database);
  const apartMs = Math.abs(nowMs - Date.now());
  if (apartMs <= MOST_APART_MS) return nowMs;
  throw new Refusal(
    `The clocks of this machine and of PostgreSQL are ${Math.round(apartMs / 60_000)} minutes apart (here ${new Date().toISOString()}, ` +
      `there ${new Date(nowMs).toISOString()}), so it is not known which leads are old. Correct the wrong clock first.`,
  );
}

async function throughPages(
  { signal, progress }: Context,
  beforeMs: number,
  work: (page: Page) => Promise<Purged>,
): Promise<number> {
  let removed = 0;
  let afterId: string | undefined;
  for (let seen = 0; !signal.aborted; ) {
    const page = await work({ beforeMs, afterId, limit: PAGE });
    removed += page.removed;
    seen += page.seen;
    progress(seen, seen);
    afterId = page.lastId ?? undefined;
    if (page.seen < PAGE) break;
  }
  return removed;
}
