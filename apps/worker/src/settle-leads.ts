import { setTimeout as pause } from 'node:timers/promises';
import { SEALED } from '@live-feed/core/lead-job';
import { isSettled } from '@live-feed/core/lead-state';
import { findLeads, type LeadRow, outcomeOf } from '@live-feed/database/lead-rows';
import { type Settlement, settle, type UploadRecord } from '@live-feed/database/lead-transitions';
import type { TakenLead } from '@live-feed/queue/lead-source';
import type { Decision } from './decide.ts';
import type { DeliveryTools } from './delivery-tools.ts';
import type { ServedDialer } from './dialer-directory.ts';
import { absenceAfterMs } from './settings.ts';

/** A lead in this worker's hands whose outcome is open. */
export interface HeldLead {
  readonly taken: TakenLead;
  /** The attempt that its row was last seen at. */
  readonly attempt: number;
  /** The attempt's maker has recorded that it does not know: it is the dialing system that failed, not a worker. */
  readonly doubted: boolean;
  /** On `performance.now()`'s scale: absence in a read-back that begins later counts. */
  readonly absentFrom: number;
}

export interface DecidedLead {
  readonly lead: HeldLead;
  readonly decision: Decision;
}

/** How long an outcome is held in memory while PostgreSQL is away. After that the job's next run verifies it. */
const KEEP_TRYING_MS = 60_000;
const RETRY_MS = 500;

/** The row's `sendBy` was computed before it arrived here, so the moment derived from it errs on the late, safe side. */
export function holdLead(taken: TakenLead, row: LeadRow, absenceMs = 0): HeldLead {
  return {
    taken,
    attempt: row.attempt,
    doubted: row.state === 'UNKNOWN',
    absentFrom: performance.now() + (row.sendByInMs ?? 0) + absenceMs,
  };
}

/**
 * Writes what was decided, then tells the callers, then lets the jobs go: in that order.
 *
 * @returns the leads whose outcome is (still) open and has to be verified
 */
export async function settleLeads(
  tools: DeliveryTools,
  dialer: ServedDialer,
  decided: readonly DecidedLead[],
  uploadSize: number,
  record?: UploadRecord,
): Promise<HeldLead[]> {
  const settlements = decided.map(({ lead, decision }): Settlement => {
    const { told, ...rest } = decision;
    return {
      ...rest,
      id: lead.taken.job.leadId,
      attempt: lead.attempt,
      dialerResponse: told === null || told === undefined ? null : sealAnswer(tools, dialer, told),
      uploadSize,
    };
  });
  tools.observe('before the outcome');
  const rows = await persist(tools, async () => {
    const changed = await settle(tools.database, settlements, record);
    const found = new Set(changed.map(({ id }) => id));
    const lost = settlements.filter(({ id }) => !found.has(id)).map(({ id }) => id);
    return [...changed, ...(await findLeads(tools.database, lost))];
  });
  if (rows === undefined) {
    for (const { lead } of decided) lead.taken.retry(RETRY_MS);
    return [];
  }
  tools.observe('after the outcome');
  const byId = new Map(rows.map((row) => [row.id, row]));
  return obey(
    tools,
    dialer,
    decided.flatMap(({ lead: { taken } }) => {
      const row = byId.get(taken.job.leadId);
      if (row !== undefined) return [{ taken, row }];
      taken.retry(RETRY_MS);
      return [];
    }),
    record,
  );
}

/**
 * Does what each lead's row says: settled → tell and finish; QUEUED → comes back when it is due.
 *
 * @returns the others, which have to be verified
 */
export async function obey(
  tools: DeliveryTools,
  dialer: ServedDialer,
  leads: readonly { readonly taken: TakenLead; readonly row: LeadRow }[],
  record?: UploadRecord,
): Promise<HeldLead[]> {
  if (leads.length === 0) return [];
  const settled = leads.filter(({ row }) => isSettled(row.state));
  await tools.tellCallers(settled.map(({ taken: { job }, row }) => ({ job, outcome: outcomeOf(row) })));
  tools.observe('after the event, before the job completes');
  const open: HeldLead[] = [];
  for (const { taken, row } of leads) {
    if (isSettled(row.state)) {
      taken.finish();
      logOutcome(tools, dialer, taken, row, record);
    } else if (row.state === 'QUEUED') taken.retry(Math.max(0, row.dueInMs));
    else open.push(holdLead(taken, row, absenceAfterMs(tools.settings)));
  }
  return open;
}

/** @returns undefined if it could not be done in the time there is */
export async function persist<T>(tools: DeliveryTools, work: () => Promise<T>): Promise<T | undefined> {
  const giveUpAt = performance.now() + KEEP_TRYING_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      tools.logger.warn({ err: error }, 'the database did not take what was to be written');
      if (performance.now() > giveUpAt || tools.stopping.aborted) return undefined;
      await pause(RETRY_MS, undefined, { signal: tools.stopping }).catch(() => undefined);
    }
  }
}

function sealAnswer(tools: DeliveryTools, dialer: ServedDialer, told: unknown): string {
  const { companyId } = dialer.record;
  return tools.keyring.seal(JSON.stringify(told), { companyId, column: SEALED.dialerResponse });
}

/** The one line per lead. */
function logOutcome(
  tools: DeliveryTools,
  dialer: ServedDialer,
  { job }: TakenLead,
  row: LeadRow,
  record: UploadRecord | undefined,
): void {
  tools.logger.info(
    {
      leadId: row.id,
      companyId: job.companyId,
      dialerId: job.dialerId,
      family: dialer.record.family,
      campaignId: job.campaignId,
      phoneEnding: job.phoneLast2,
      state: row.state,
      reason: row.reason,
      source: row.source,
      attempt: row.attempt,
      promised: row.promised,
      uploadSize: row.uploadSize,
      httpStatus: record?.httpStatus ?? null,
      callMs: record?.latencyMs ?? null,
      ageMs: Date.now() - job.receivedAtMs,
    },
    'lead settled',
  );
}
