import { newId } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/**
 * Who changed what. Rows are only added: an entry before the change is made, its end after. A trigger refuses everything else, except
 * what `purgeAudit` removes.
 */

export interface NewAuditEntry {
  readonly operation: string;
  readonly actorId: string | null;
  readonly actor: string;
  readonly role: string;
  readonly via: string;
  /** An address, or a machine. */
  readonly origin: string;
  readonly companyId: string | null;
  readonly company: string | null;
  /** Without secrets and phones. */
  readonly input: unknown;
}

export interface AuditEnd {
  readonly outcome: 'done' | 'refused' | 'failed';
  /** Why it was refused, or the name of the error. */
  readonly message: string | null;
  readonly target?: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface AuditRecord extends NewAuditEntry {
  readonly id: string;
  readonly at: Date;
  /** Null: it is under way, or its process died. */
  readonly end:
    | (Pick<AuditEnd, 'outcome' | 'message'> & {
        readonly endedAt: Date;
        readonly target: string | null;
        readonly before: unknown;
        readonly after: unknown;
      })
    | null;
}

/** @returns the entry's id */
export async function beginAuditEntry(database: Database, entry: NewAuditEntry): Promise<string> {
  const id = newId();
  await database.auditEntry.create({ data: { ...entry, id, input: json(entry.input) } });
  return id;
}

export async function endAuditEntry(database: Database, entryId: string, end: AuditEnd): Promise<void> {
  const { outcome, message, target = null, before, after } = end;
  await database.auditEnd.create({
    data: { entryId, outcome, message, target, before: json(before), after: json(after) },
  });
}

export interface AuditSearch {
  readonly companyId?: string | undefined;
  readonly actor?: string | undefined;
  readonly operation?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** Only entries older than this one. */
  readonly beforeId?: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export async function listAuditEntries(database: Database, search: AuditSearch): Promise<AuditRecord[]> {
  const { companyId, actor, operation, since, until, beforeId, limit } = search;
  const rows = await database.auditEntry.findMany({
    where: {
      ...(companyId === undefined ? {} : { companyId }),
      ...(actor === undefined ? {} : { actor }),
      ...(operation === undefined ? {} : { operation: { startsWith: operation } }),
      ...(beforeId === undefined ? {} : { id: { lt: beforeId } }),
      at: { ...(since === undefined ? {} : { gte: since }), ...(until === undefined ? {} : { lt: until }) },
    },
    include: { end: { omit: { entryId: true } } },
    orderBy: { id: 'desc' },
    take: limit,
  });
  return rows.map(auditRecord);
}

type EndRow = Omit<NonNullable<AuditRecord['end']>, 'outcome'> & { readonly outcome: string };

export function auditRecord({
  end,
  ...entry
}: Omit<AuditRecord, 'end'> & { readonly end: EndRow | null }): AuditRecord {
  return { ...entry, end: end === null ? null : { ...end, outcome: end.outcome as AuditEnd['outcome'] } };
}

/** Removes entries of before that time, in one go. @returns how many */
export async function purgeAudit(database: Database, before: Date, limit: number): Promise<number> {
  return database.$transaction(async (transaction) => {
    await transaction.$executeRaw`SELECT set_config('live_feed.purges_audit', 'on', true)`;
    return transaction.$executeRaw`
      DELETE FROM audit_entries WHERE id IN (SELECT id FROM audit_entries WHERE at < ${before} ORDER BY at LIMIT ${limit})`;
  });
}

function json(value: unknown): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return value === undefined || value === null ? Prisma.DbNull : (value as Prisma.InputJsonValue);
}
