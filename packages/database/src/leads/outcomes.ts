import { createGroupCommit } from '@live-feed/core/group-commit';
import type { Database } from '../connection/client.ts';
import { isOfStatement } from '../connection/statement-effect.ts';
import type { LeadRow } from './lead-rows.ts';
import { type Settlement, settle, type UploadRecord } from './lead-transitions.ts';

/** Writes outcomes: those of several uploads share a statement. */
export interface Outcomes {
  /** @returns as `settle` does */
  settle(outcome: UploadOutcome): Promise<LeadRow[]>;
}

export interface UploadOutcome {
  readonly companyId: string;
  readonly settlements: readonly Settlement[];
  /** Where a call was made. */
  readonly record: UploadRecord | undefined;
}

/** Statements under way at once: one is written while the other one commits. */
const STATEMENTS = 2;
/** Leads of several uploads in a statement, at most. */
const MOST_LEADS = 200;

export function createOutcomes(database: Database): Outcomes {
  const batches = createGroupCommit<UploadOutcome, LeadRow[]>({
    async commit(outcomes) {
      const settlements = outcomes.flatMap((outcome) => outcome.settlements);
      const records = outcomes.flatMap(({ record }) => record ?? []);
      const rows = await settle(database, settlements, records);
      const byId = new Map(rows.map((row) => [row.id, row]));
      return outcomes.map((outcome) => outcome.settlements.flatMap(({ id }) => byId.get(id) ?? []));
    },
    atOnce: STATEMENTS,
    maxSize: MOST_LEADS,
    sizeOf: ({ settlements }) => settlements.length,
    owners: { of: ({ companyId }) => companyId, mayRepeat: isOfStatement },
  });
  return { settle: batches.submit };
}
