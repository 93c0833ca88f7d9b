import { setTimeout as pause } from 'node:timers/promises';
import { startStopwatch } from '@live-feed/core/clock';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { isSettled, type SettledState } from '@live-feed/core/lead/lead-state';
import { ATTEMPT_BACKOFF } from '@live-feed/core/limits/backoff';
import { type LeadRow, outcomeOf } from '@live-feed/database/leads/lead-rows';
import type { Settlement, UploadRecord } from '@live-feed/database/leads/lead-transitions';
import type { ServedDialer } from '../lane/dialer-directory.ts';
import type { LaneLead } from '../lane/lane-lead.ts';
import { settleWithinMs } from '../upkeep/settings.ts';
import type { DeliveryTools } from './delivery-tools.ts';
import { type HeldLead, holdLead, type KnownAttempt } from './held-lead.ts';
import { recordOutcomes } from './record-outcomes.ts';

/** `attempt` is the one that is decided about. */
export interface DecidedLead extends KnownAttempt {
  readonly lead: LaneLead;
  /** The account of the attempt, as `accountName` gives it; null where that is not known. */
  readonly sentTo: string | null;
  /** Leads in the upload that it is about. */
  readonly uploadSize: number;
}

/** Leads that are not settled yet. */
export interface Unsettled {
  /** Their outcome has to be verified. */
  readonly open: HeldLead[];
  /** To be looked at again after that time. `unsent`: known not to be in the dialing system, with nothing under way. */
  readonly queued: { readonly lead: LaneLead; readonly delayMs: number; readonly effect?: 'unsent' }[];
}

/** How long an outcome is held in memory while PostgreSQL is away. After that the job's next run verifies it. */
const KEEP_TRYING_MS = 60_000;
const RETRY_MS = 500;

/** Writes what was decided, then tells the callers, then lets the jobs go: in that order. */
export async function settleLeads(
  tools: DeliveryTools,
  dialer: ServedDialer,
  decided: readonly DecidedLead[],
  record?: UploadRecord,
): Promise<Unsettled> {
  const within = settleWithinMs(tools.settings);
  const settlements = decided.map(({ lead, attempt, decision, uploadSize }): Settlement => {
    const { transition, reason, source, delayMs, told } = decision;
    const dialerResponse = told === null ? null : sealAnswer(tools, dialer, told);
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
  const rows = await persist(tools, () => recordOutcomes(tools, decided, settlements, record));
  if (rows === undefined) {
    return { open: [], queued: decided.map(({ lead }) => ({ lead, delayMs: RETRY_MS })) };
  }
  tools.observe('after the outcome');
  tools.metrics.took('record', sinceDecision.elapsedMs());
  const byId = new Map(rows.map((row) => [row.id, row]));
  return obey(
    tools,
    dialer,
    decided.map((known) => ({ lead: known.lead, row: byId.get(known.lead.leadId), known })),
    record,
  );
}

/** Does what each lead's row says: those that are settled are told and finished. */
export async function obey(
  tools: DeliveryTools,
  dialer: ServedDialer,
  leads: readonly {
    readonly lead: LaneLead;
    readonly row: LeadRow | undefined;
    readonly known?: KnownAttempt;
  }[],
  record?: UploadRecord,
): Promise<Unsettled> {
  const unsettled: Unsettled = { open: [], queued: [] };
  const settled: { lead: LaneLead; row: LeadRow; state: SettledState }[] = [];
  const nowMs = performance.now();
  for (const { lead, row, known } of leads) {
    // Never sent, and without a row: its ingress is about to promise it, see `intend`.
    if (row === undefined) unsettled.queued.push({ lead, delayMs: RETRY_MS, effect: 'unsent' });
    else if (isSettled(row.state)) settled.push({ lead, row, state: row.state });
    else if (row.state === 'QUEUED')
      unsettled.queued.push({ lead, delayMs: untilDue(row), effect: 'unsent' });
    else unsettled.open.push(holdLead(tools.settings, nowMs, { lead, row, ...(known && { known }) }));
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

/** A database's clock that was set back must not keep a lead for hours. */
function untilDue({ dueInMs }: LeadRow): number {
  return Math.min(Math.max(0, dueInMs), ATTEMPT_BACKOFF.capMs);
}

/** Back into the queue, where another worker may take them. */
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

function sealAnswer(tools: DeliveryTools, dialer: ServedDialer, told: string): string {
  const { companyId } = dialer.record;
  return tools.keyring.seal(told, { companyId, column: SEALED.dialerResponse });
}

/** The one line per lead. */
function logOutcome(
  tools: DeliveryTools,
  dialer: ServedDialer,
  { taken: { job } }: LaneLead,
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
