import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/** A lead's job without `replyTo`: no caller waits any more, or its ingress finds the outcome in the row. */
export type JobOfRow = Omit<LeadJob, 'replyTo'>;

/**
 * Overdue open leads: QUEUED ones that no worker has started, and uploads whose effect should be known by now. The queue knows which
 * of them still have a job. A lead is returned again after `againMs` at the earliest, so two reconcilers do not find the same ones.
 *
 * @param graceMs how far past due a lead must be, so that its own job comes first
 */
export async function claimOverdueLeads(
  database: Database,
  options: { readonly limit: number; readonly graceMs: number; readonly againMs: number },
): Promise<JobOfRow[]> {
  const rows = await database.$queryRaw<JobRow[]>`
    WITH overdue AS (
      SELECT id FROM leads
      WHERE state IN ('QUEUED', 'SENDING', 'UNKNOWN') AND due_at < now() - ${options.graceMs}::float8 * interval '1 millisecond'
      ORDER BY due_at LIMIT ${options.limit} FOR UPDATE SKIP LOCKED
    )
    UPDATE leads SET due_at = now() + ${options.againMs}::float8 * interval '1 millisecond'
    FROM overdue WHERE leads.id = overdue.id
    RETURNING ${JOB_ROW}`;
  return rows.map(jobOf);
}

/** Jobs for those of the leads that are open. */
export async function findOpenJobs(database: Database, ids: readonly string[]): Promise<JobOfRow[]> {
  const rows = await database.$queryRaw<JobRow[]>`
    SELECT ${JOB_ROW} FROM leads WHERE id = ANY(${[...ids]}::uuid[]) AND state IN ('QUEUED', 'SENDING', 'UNKNOWN')`;
  return rows.map(jobOf);
}

const JOB_ROW = Prisma.sql`
  leads.id, company_id AS "companyId", dialer_id AS "dialerId", campaign_id AS "campaignId", payload, phone_digest AS "phoneDigest",
  phone_last2 AS "phoneLast2", join_key AS "joinKey", received_at AS "receivedAt", deadline, expires_at AS "expiresAt"`;

function jobOf({ id, receivedAt, deadline, expiresAt, ...rest }: JobRow): JobOfRow {
  return {
    v: 1,
    leadId: id,
    ...rest,
    receivedAtMs: receivedAt.getTime(),
    deadlineMs: deadline.getTime(),
    expiresAtMs: expiresAt.getTime(),
  };
}

interface JobRow {
  readonly id: string;
  readonly companyId: string;
  readonly dialerId: string;
  readonly campaignId: string;
  readonly payload: string;
  readonly phoneDigest: string;
  readonly phoneLast2: string;
  readonly joinKey: string | null;
  readonly receivedAt: Date;
  readonly deadline: Date;
  readonly expiresAt: Date;
}
