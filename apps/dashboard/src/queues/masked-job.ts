import { type LeadJob, leadJobSchema } from '@live-feed/core/lead/lead-job';
import { LEAD_STATES } from '@live-feed/core/lead/lead-state';

/**
 * What people see of a job. Every field is named here: what is not, the sealed payload and the phone's digest first of all, is not
 * shown. Must not throw, or a page of jobs fails because of one of them.
 */
export function maskedData(data: unknown): object {
  const job = leadJob(data);
  if (job === undefined) return { hidden: 'This is not the data of a lead as this release knows it.' };
  return {
    leadId: job.leadId,
    companyId: job.companyId,
    dialerId: job.dialerId,
    campaignId: job.campaignId,
    phone: maskedPhone(job),
    // As dates, which JSON gives null for where they are out of range.
    receivedAt: new Date(job.receivedAtMs),
    deadline: new Date(job.deadlineMs),
    expiresAt: new Date(job.expiresAtMs),
  };
}

/** A job's title in a list. @param job as BullMQ gives it as JSON */
export function maskedName({ data }: { readonly data?: unknown }): string {
  const job = leadJob(data);
  return job === undefined ? 'unknown' : `campaign ${job.campaignId} · ${maskedPhone(job)}`;
}

const STATES: ReadonlySet<unknown> = new Set(LEAD_STATES);

/** Workers return the state that the lead ended in. Anything else would be somebody's mistake, and perhaps a dialing system's answer. */
export function maskedReturnValue(value: unknown): unknown {
  return STATES.has(value) || value === null || value === undefined ? value : '(hidden)';
}

export function maskedProgress(progress: unknown): number {
  return typeof progress === 'number' ? progress : 0;
}

function leadJob(data: unknown): LeadJob | undefined {
  return leadJobSchema.safeParse(data).data;
}

function maskedPhone({ phoneLast2 }: LeadJob): string {
  return `********${phoneLast2.slice(-2)}`;
}
