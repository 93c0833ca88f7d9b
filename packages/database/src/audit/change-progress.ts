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

/** Of `entry`: the person is not disabled, removed, or of less than it needs; the key is not revoked. */
const MAY_GO_ON = Prisma.sql`CASE WHEN actor_id IS NULL THEN true
  WHEN via = 'console' THEN EXISTS (
    SELECT FROM people WHERE people.id = actor_id AND disabled_at IS NULL AND people.role <> 'viewer'
      AND (people.company_id IS NULL OR people.company_id = entry.company_id))
  WHEN via = 'admin-api' THEN EXISTS (SELECT FROM admin_keys WHERE admin_keys.id = actor_id AND revoked_at IS NULL)
  ELSE true END`;

/** In any order: `done` only grows. @returns whether it is to stop: a person has asked for it, it was taken for dead, or who began it may not any more */
export async function noteProgress(
  database: Database,
  entryId: string,
  { done, of }: Pick<ChangeProgress, 'done' | 'of'>,
): Promise<boolean> {
  const [row] = await database.$queryRaw<{ stop: boolean }[]>`
    UPDATE change_progress SET done = GREATEST(done, ${done}::int), "of" = ${of}::int, seen_at = now() WHERE entry_id = ${entryId}::uuid
    RETURNING stop_at IS NOT NULL OR EXISTS (SELECT FROM audit_ends WHERE audit_ends.entry_id = change_progress.entry_id)
      OR EXISTS (SELECT FROM audit_entries AS entry WHERE entry.id = change_progress.entry_id AND NOT ${MAY_GO_ON}) AS stop`;
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
