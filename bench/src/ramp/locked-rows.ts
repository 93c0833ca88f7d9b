import { setTimeout as pause } from 'node:timers/promises';
import type { Company } from '@live-feed/tests/kit/system/company';
import { Client } from 'pg';
import type { Bed } from '../bed/bed.ts';
import { addCompanies } from '../bed/companies.ts';
import type { LoadResult } from '../load/load-plan.ts';
import { measureBeside, WARM_UP_MS } from './beside.ts';
import { LEADS_PER_SECOND } from './step.ts';

/** The rows of one company are locked for so long, and free for so long, in turn. */
const LOCKED_MS = 400;
const FREE_MS = 100;

/** Measures companies while one more company's row, leads and ANIs are locked again and again. */
export async function besideLockedRows(
  bed: Bed,
  companies: readonly Company[],
  measuredMs: number,
): Promise<{ readonly beside: LoadResult; readonly other: LoadResult }> {
  const [locked] = await addCompanies(bed.stack, 1, { keepWindows: true });
  if (locked === undefined) throw new Error('There is no company to lock.');
  const client = new Client({ connectionString: bed.stack.databaseUrl, query_timeout: 30_000 });
  await client.connect();
  const over = new AbortController();
  const locking = lockAgainAndAgain(client, locked.id, over.signal);
  try {
    return await measureBeside(bed, companies, measuredMs, (lockedMs, observer) =>
      bed.paced(
        {
          ...{ companies: [locked], perSecond: LEADS_PER_SECOND },
          ...{ warmupMs: WARM_UP_MS, measuredMs: lockedMs },
        },
        observer,
      ),
    );
  } finally {
    over.abort();
    await locking.finally(() => client.end());
  }
}

async function lockAgainAndAgain(client: Client, companyId: string, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await client.query('BEGIN');
    for (const table of ['companies WHERE id', 'leads WHERE company_id', 'anis WHERE company_id']) {
      await client.query(`SELECT FROM ${table} = $1 FOR UPDATE`, [companyId]);
    }
    await pause(LOCKED_MS);
    await client.query('ROLLBACK');
    await pause(FREE_MS);
  }
}
