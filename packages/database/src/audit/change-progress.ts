import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { type AuditRecord, auditRecord } from './audit-log.ts';

/** Changes that take a while: how far they are, beside their entries in the audit log. Any process can look at them and stop them. */

export interface ChangeProgress {
  /** Gone through, of those that were found; 0 of 0 until they are counted. */
  readonly done: number;
  readonly of: number;
  readonly seenAt: Date;
  /** When a person asked for it to be stopped. */
  readonly stopAt: Date | null;
}

export interface WatchedChange extends AuditRecord {
  readonly progress: ChangeProgress;
}

export async function beginProgress(database: Database, entryId: string): Promise<void> {
  await database.changeProgress.create({ data: { entryId } });
}

/** In any order: `done` only grows. @returns whether it is to stop: a person has asked for it, or it was taken for dead */
export async function noteProgress(
  database: Database,
  entryId: string,
  { done, of }: Pick<ChangeProgress, 'done' | 'of'>,
): Promise<boolean> {
  const [row] = await database.$queryRaw<{ stop: boolean }[]>`
    UPDATE change_progress SET done = GREATEST(done, ${done}::int), "of" = ${of}::int, seen_at = now() WHERE entry_id = ${entryId}::uuid
    RETURNING stop_at IS NOT NULL OR EXISTS (SELECT FROM audit_ends WHERE audit_ends.entry_id = change_progress.entry_id) AS stop`;
  return row?.stop ?? true;
}

/** @returns whether it was under way */
export async function askToStop(database: Database, entryId: string): Promise<boolean> {
  const asked = await database.$executeRaw`
    UPDATE change_progress SET stop_at = COALESCE(stop_at, now()) WHERE entry_id = ${entryId}::uuid
      AND NOT EXISTS (SELECT FROM audit_ends WHERE audit_ends.entry_id = change_progress.entry_id)`;
  return asked > 0;
}

/** Nothing was heard for so long of a change whose process has died. */
const SILENT = Prisma.sql`interval '1 minute'`;

/** Records the end of changes whose processes have died. @returns how many */
export async function endCutShort(database: Database): Promise<number> {
  return database.$executeRaw`
    INSERT INTO audit_ends (entry_id, outcome, message, after)
    SELECT entry_id, 'failed', 'It was cut short: its process ended. What is left can be done with another one.',
      jsonb_build_object('gone through', done, 'of', "of")
    FROM change_progress WHERE seen_at < now() - ${SILENT}
      AND NOT EXISTS (SELECT FROM audit_ends WHERE audit_ends.entry_id = change_progress.entry_id)
    ON CONFLICT (entry_id) DO NOTHING`;
}

/** Newest first. @param search an id: that one only */
export async function listWatchedChanges(
  database: Database,
  search: {
    readonly id?: string | undefined;
    readonly companyId?: string | undefined;
    readonly limit: number;
  },
): Promise<WatchedChange[]> {
  const { id, companyId, limit } = search;
  const rows = await database.changeProgress.findMany({
    where: {
      ...(id === undefined ? {} : { entryId: id }),
      ...(companyId === undefined ? {} : { entry: { companyId } }),
    },
    include: { entry: { include: { end: { omit: { entryId: true } } } } },
    orderBy: { entryId: 'desc' },
    take: limit,
  });
  return rows.map(({ entry, entryId: _, ...progress }) => ({ ...auditRecord(entry), progress }));
}
