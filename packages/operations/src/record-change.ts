import { type AuditEnd, beginAuditEntry, endAuditEntry } from '@live-feed/database/audit/audit-log';
import type { Database } from '@live-feed/database/connection/client';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import type { Actor } from './actor.ts';
import type { ChangeFacts } from './operation.ts';
import type { OperationName } from './refusal.ts';

export interface Change {
  readonly operation: OperationName;
  /** Undefined: it concerns no single one. */
  readonly company?: CompanyRecord | undefined;
  /** Without secrets and phones. */
  readonly input: unknown;
}

/**
 * Records a change before it is made.
 *
 * @returns the entry's id, and a function that records how it ended. That this could not be written is no reason to tell anybody that the change was not made: the entry then
 * stays without an end.
 */
export async function recordChange(
  database: Database,
  actor: Actor,
  { operation, company, input }: Change,
): Promise<{
  readonly entryId: string;
  readonly end: (end: Pick<AuditEnd, 'outcome' | 'message'> & ChangeFacts) => Promise<void>;
}> {
  const entryId = await beginAuditEntry(database, {
    operation,
    ...{ actorId: actor.id, actor: actor.name, role: actor.role, via: actor.via, origin: actor.from },
    ...{ companyId: company?.id ?? null, company: company?.name ?? null },
    input,
  });
  return { entryId, end: (end) => endAuditEntry(database, entryId, end).catch(() => undefined) };
}
