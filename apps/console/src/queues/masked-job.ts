import { type LeadJob, leadJobSchema } from '@live-feed/core/lead/lead-job';
import { LEAD_STATES } from '@live-feed/core/lead/lead-state';

/**
 * What people see of a job. Only the fields named here are shown; the encrypted payload and the phone's digest are not. Must not
 * throw: one job would make the whole page fail.
 */
export function maskedData(data: unknown): object {
  const job = leadJob(data);
  if (job === undefined) return { hidden: 'This release cannot read the data of this job.' };
  return {
    leadId: job.leadId,
    companyId: job.companyId,
    dialerId: job.dialerId,
    campaignId: job.campaignId,
    phone: maskedPhone(job),
    // As dates: JSON writes null for those out of range.
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

/** Workers return the lead's final state. Anything else is a bug, may contain a dialing system's answer, and is hidden. */
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
