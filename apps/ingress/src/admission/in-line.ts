import type { CompanyLine } from '@live-feed/core/company-line';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { within } from '@live-feed/core/within';
import type { DatabaseHealth } from '@live-feed/database/connection/health-check';
import type { Drain } from '../stopping/drain.ts';
import { databaseRefusal } from './database-refusal.ts';

/**
 * Statements of single leads under way at once: fewer than there are connections, which lookups of keys and campaigns need as well. A company
 * that sends thousands of leads in a moment waits for itself.
 */
export const STATEMENT_LINE = { places: 4, ofCompany: 3 } as const;

export interface LineTools {
  readonly line: CompanyLine;
  readonly databaseHealth: Pick<DatabaseHealth, 'alive' | 'now'>;
  readonly drain: Pick<Drain, 'withinStop'>;
}

/**
 * Carries out a statement about one lead when it is its company's turn.
 *
 * @throws ApiError 429, 503 if its turn did not come before the lead's deadline, or while the database is away: the statement was not sent
 */
export async function inLine<Result>(
  { line, databaseHealth, drain }: LineTools,
  { companyId, deadlineMs }: Pick<LeadJob, 'companyId' | 'deadlineMs'>,
  statement: () => Promise<Result>,
): Promise<Result> {
  const { turn, leave } = line.enter(companyId);
  try {
    if (turn !== undefined) {
      const leftMs = drain.withinStop(deadlineMs - databaseHealth.now());
      const isNext = await within(
        turn.then(() => true),
        leftMs,
        () => false,
      );
      // Whoever is next while the database is away makes way at once, so that all who wait are told.
      if (!isNext || !databaseHealth.alive()) throw databaseRefusal(databaseHealth.alive(), {}, undefined);
    }
    return await statement();
  } finally {
    leave();
  }
}
