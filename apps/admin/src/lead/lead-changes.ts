import { leadCancelAll, leadRetryAll } from '@live-feed/operations/lead/bulk/retry-and-cancel';
import { leadCancel, leadResolve, leadRetry } from '@live-feed/operations/lead/lead-changes';
import type { z } from 'zod';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { count, type Report } from '../terminal/report.ts';
import { everyCall } from './every-call.ts';

interface Which {
  readonly lead: string;
  readonly company?: string | undefined;
}

export async function cancelLead(session: Session, which: Which): Promise<Report> {
  const { id, state } = await session.perform(leadCancel, which);
  return { text: `Gave back the lead ${id}: it is ABANDONED and will not be sent.`, data: { id, state } };
}

export async function retryLead(session: Session, which: Which, triedForMs: number): Promise<Report> {
  const { id, state, queued } = await session.perform(leadRetry, { ...which, triedForMs });
  noteQueued(session, queued);
  const how =
    state === 'QUEUED'
      ? 'it was not taken, and is sent again'
      : 'it may have been taken, so it is verified first';
  return { text: `Retried the lead ${id}: ${how}.`, data: { id, state } };
}

export async function resolveLead(
  session: Session,
  which: Which,
  as: 'accepted' | 'rejected' | 'failed',
): Promise<Report> {
  const { id, state } = await session.perform(leadResolve, { ...which, as });
  return { text: `Recorded the lead ${id} as ${state}.`, data: { id, state } };
}

/** Retries the parked leads that a filter fits, for example after the dialer's token was renewed. */
export async function retryAll(session: Session, input: z.input<typeof leadRetryAll.input>): Promise<Report> {
  const sum = { found: 0, sentAgain: 0, askedAbout: 0, staying: 0 };
  const { company } = await everyCall(session, leadRetryAll, input, 'leads', (passed) => {
    for (const each of ['found', 'sentAgain', 'askedAbout', 'staying'] as const) sum[each] += passed[each];
    noteQueued(session, passed.queued);
  });
  if (input.dryRun) return wouldChange('retry', sum.found, 'parked lead', company.name);
  const { found: _, ...data } = sum;
  return {
    text:
      `Retried ${count(sum.sentAgain + sum.askedAbout, 'parked lead')} of "${company.name}": ` +
      `${sum.sentAgain} are sent again, ${sum.askedAbout} are verified first.${staysParked(sum.staying)}`,
    data: { companyId: company.id, ...data },
  };
}

/** Gives back the promised leads that a filter fits and that were not sent. */
export async function cancelAll(
  session: Session,
  input: z.input<typeof leadCancelAll.input>,
): Promise<Report> {
  const sum = { found: 0, givenBack: 0, staying: 0 };
  const { company } = await everyCall(session, leadCancelAll, input, 'leads', (passed) => {
    for (const each of ['found', 'givenBack', 'staying'] as const) sum[each] += passed[each];
  });
  if (input.dryRun) return wouldChange('give back', sum.found, 'queued lead', company.name);
  const stay =
    sum.staying === 0
      ? ''
      : ` ${count(sum.staying, 'lead')} stay: their callers still wait, or a worker was faster.`;
  return {
    text: `Gave back ${count(sum.givenBack, 'lead')} of "${company.name}": ABANDONED, will not be sent.${stay}`,
    data: { companyId: company.id, ...sum },
  };
}

export function wouldChange(what: string, found: number, one: string, company: string): Report {
  return {
    text: `Would ${what} ${count(found, one)} of "${company}". Nothing was changed.`,
    data: { dryRun: true, found },
  };
}

export function noteQueued({ terminal }: Session, queued: boolean): void {
  if (!queued) terminal.stderr.write('Redis cannot be reached: the leads continue once it can.\n');
}

function staysParked(staying: number): string {
  if (staying === 0) return '';
  return ` ${count(staying, 'lead')} stay parked: sent to another account than the dialer has now, or just changed by somebody else. See: ${hint`lead list --state PARKED`}`;
}
