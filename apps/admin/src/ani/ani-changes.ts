import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { aniPool } from '@live-feed/operations/ani/ani-changes';
import type { Operation } from '@live-feed/operations/operation';
import type { z } from 'zod';
import type { Session } from '../session.ts';
import { startProgress } from '../terminal/progress.ts';
import { count, type Report } from '../terminal/report.ts';

interface Changed {
  readonly company: CompanyRecord;
  readonly changed: readonly string[];
  readonly unknown: readonly string[];
}

/** A change of numbers that were named one by one. @param done "Paused" */
export async function changed<I extends z.ZodType<object>>(
  session: Session,
  done: string,
  operation: Operation<I, Changed>,
  input: z.input<I>,
): Promise<Report> {
  const progress = startProgress(session.terminal, 'numbers');
  try {
    const { company, changed, unknown } = await session.perform(operation, input, progress.show);
    const missing = unknown.length === 0 ? '' : ` Not a number of "${company.name}": ${unknown.join(', ')}.`;
    return {
      text: `${done} ${count(changed.length, 'number')} of "${company.name}".${missing}`,
      data: { company, changed, unknown },
      failed: unknown.length > 0,
    };
  } finally {
    progress.stop();
  }
}

export async function changePool(
  session: Session,
  company: string,
  campaignId: string,
  { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Promise<Report> {
  const data = await session.perform(aniPool, { company, campaignId, add, remove });
  const { added, removed, size } = data;
  const now =
    size === 0
      ? 'Its pool is empty: its leads get any number of the company.'
      : `Its pool has ${count(size, 'number')}.`;
  return {
    text: `Put ${count(added.length, 'number')} into the pool of ${campaignId} and took ${removed.length} out. ${now}`,
    data,
  };
}
