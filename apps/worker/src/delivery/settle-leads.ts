import { setTimeout as pause } from 'node:timers/promises';
import { startStopwatch } from '@live-feed/core/clock';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { isSettled, type SettledState } from '@live-feed/core/lead/lead-state';
import { ATTEMPT_BACKOFF } from '@live-feed/core/limits/backoff';
import { type LeadRow, outcomeOf } from '@live-feed/database/leads/lead-rows';
import type { Settlement, UploadRecord } from '@live-feed/database/leads/lead-transitions';
import type { ServedDialer } from '../dialer/dialer-directory.ts';
import { type DecidedAttempt, type DoubtfulAttempt, doubtfulAttempt } from './attempt.ts';
import type { DeliveryTools } from './delivery-tools.ts';
import { recordOutcomes } from './record-outcomes.ts';
import { settleWithinMs } from './settings.ts';
import type { TakenLead } from './taken-lead.ts';

/** Leads that are not settled yet. */
export interface Unsettled {
  /** Their outcome has to be verified. */
  readonly doubtful: DoubtfulAttempt[];
  /** To be taken again after that time. `unsent`: known not to be in the dialing system, with nothing under way. */
  readonly queued: { readonly lead: TakenLead; readonly delayMs: number; readonly effect?: 'unsent' }[];
}

/** How long an outcome is held in memory while PostgreSQL is away. After that the job's next run verifies it. */
const KEEP_TRYING_MS = 60_000;
const RETRY_MS = 500;

/** Writes the decisions, then notifies the callers, then completes the jobs: in that order. */
export async function settleLeads(
  tools: DeliveryTools,
  dialer: ServedDialer,
  decided: readonly DecidedAttempt[],
  record?: UploadRecord,
): Promise<Unsettled> {
  const within = settleWithinMs(tools.settings);
  const settlements = decided.map(({ lead, attempt, decision, uploadSize }): Settlement => {
    const { transition, reason, source, delayMs, response } = decision;
    const dialerResponse = response === null ? null : sealResponse(tools, dialer, response);
    const { leadId: id } = lead;
    return {
      id,
      attempt,
      transition,
      reason,
      source,
      delayMs,
      settleWithinMs: within,
      dialerResponse,
      uploadSize,
    };
  });
  tools.observe('before the outcome');
  const sinceDecision = startStopwatch();
  const rows = await persist(tools, () =>
    recordOutcomes(tools, dialer.record.companyId, decided, settlements, record),
  );
  if (rows === undefined) {
    return { doubtful: [], queued: decided.map(({ lead }) => ({ lead, delayMs: RETRY_MS })) };
  }
  tools.observe('after the outcome');
  tools.metrics.took('record', sinceDecision.elapsedMs());
  const byId = new Map(rows.map((row) => [row.id, row]));
  return applyRows(
    tools,
    dialer,
    decided.map((made) => ({ lead: made.lead, row: byId.get(made.lead.leadId), made })),
    record,
  );
}

/** Does what each lead's row says. Where it is settled, the caller is notified and the job completes. */
export async function applyRows(
  tools: DeliveryTools,
  dialer: ServedDialer,
  leads: readonly {
    readonly lead: TakenLead;
    readonly row: LeadRow | undefined;
    /** The attempt that this worker has just made. */
    readonly made?: DecidedAttempt;
  }[],
  record?: UploadRecord,
): Promise<Unsettled> {
  const unsettled: Unsettled = { doubtful: [], queued: [] };
  const settled: { lead: TakenLead; row: LeadRow; state: SettledState }[] = [];
  const nowMs = performance.now();
  for (const { lead, row, made } of leads) {
    // Never sent, and without a row: its ingress is about to promise it, see `intend`.
    if (row === undefined) unsettled.queued.push({ lead, delayMs: RETRY_MS, effect: 'unsent' });
    else if (isSettled(row.state)) settled.push({ lead, row, state: row.state });
    else if (row.state === 'QUEUED')
      unsettled.queued.push({ lead, delayMs: untilDue(row), effect: 'unsent' });
    else unsettled.doubtful.push(doubtfulAttempt(tools.settings, nowMs, lead, row, made));
  }
  if (settled.length === 0) return unsettled;
  await tools.notifyCallers(
    settled.map(({ lead, row }) => ({ job: lead.taken.job, outcome: outcomeOf(row) })),
  );
  tools.observe('after the event, before the job completes');
  for (const { lead, row, state } of settled) {
    lead.taken.finish(state);
    tools.metrics.settled.add(dialer.record.id, state);
    logOutcome(tools, dialer, lead, row, record);
  }
  return unsettled;
}

/** A lead must not wait for hours because the database's clock was set back. */
function untilDue({ dueInMs }: LeadRow): number {
  return Math.min(Math.max(0, dueInMs), ATTEMPT_BACKOFF.capMs);
}

/** Returns leads to the queue, where another worker may take them. */
export function putBack(queued: Unsettled['queued']): void {
  for (const { lead, delayMs, effect } of queued) lead.taken.retry(delayMs, effect);
}

/** @returns undefined if it could not be done in the time there is */
async function persist<T>(tools: DeliveryTools, work: () => Promise<T>): Promise<T | undefined> {
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

function sealResponse(tools: DeliveryTools, dialer: ServedDialer, response: string): string {
  const { companyId } = dialer.record;
  return tools.keyring.seal(response, { companyId, column: SEALED.dialerResponse });
}

/** The one line per lead. */
function logOutcome(
  tools: DeliveryTools,
  dialer: ServedDialer,
  { taken: { job } }: TakenLead,
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
      aniTier: row.aniTier,
      aniDistanceKm: row.aniDistanceKm,
      httpStatus: record?.httpStatus ?? null,
      callMs: record?.latencyMs ?? null,
      ageMs: Date.now() - job.receivedAtMs,
    },
    'lead settled',
  );
}
