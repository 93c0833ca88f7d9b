import { openWindow, type Stopwatch, startStopwatch, type TimeWindow } from '@live-feed/core/clock';
import { accountName } from '@live-feed/core/directory/account-name';
import type { Upload } from '@live-feed/core/upload/line';
import { recall } from '@live-feed/database/leads/forgotten-leads';
import { type IntendedUpload, intend } from '@live-feed/database/leads/intend';
import { findLeads, type LeadRow } from '@live-feed/database/leads/lead-rows';
import type { UploadRecord } from '@live-feed/database/leads/lead-transitions';
import type { UploadRequest } from '@live-feed/dialers/lead-loader';
import type { ServedDialer } from '../lane/dialer-directory.ts';
import type { Grant } from '../lane/lane.ts';
import type { LaneLead } from '../lane/lane-lead.ts';
import { absenceAfterMs, settleWithinMs } from '../upkeep/settings.ts';
import { callLoader } from './call-loader.ts';
import { type Decision, decide, tookSome, unanswered, unusable } from './decide.ts';
import type { DeliveryTools } from './delivery-tools.ts';
import { type HeldLead, holdLead } from './held-lead.ts';
import { type DecidedLead, obey, putBack, settleLeads, type Unsettled } from './settle-leads.ts';
import { intendedLead, type OwnLead, requestOf } from './upload-request.ts';

/** While PostgreSQL is away nothing can be begun. */
const DATABASE_RETRY_MS = 500;

export interface Delivered {
  /** Leads whose outcome has to be verified; all others have been finished or put back. */
  readonly open: readonly HeldLead[];
  /** Whether the dialing system took it for an upload. */
  readonly taken: boolean;
}

/** What is known of the one attempt that an upload is. Both clocks were started before its intent was recorded. */
interface Attempt {
  readonly upload: IntendedUpload;
  readonly options: UploadRequest['options'];
  readonly sinceIntent: Stopwatch;
  /** It closes before `sendBy` does on the database's clock. */
  readonly mayWrite: TimeWindow;
}

/**
 * One upload, start to end, of leads of one campaign with equal options.
 *
 * What is on disk before a byte goes out is the intent to send; what is on disk before anybody is told is the outcome. Whatever throws
 * in between, the leads that may have been sent are returned to be verified.
 */
export async function deliver(
  tools: DeliveryTools,
  dialer: ServedDialer,
  { leads, campaignId, options }: Upload<LaneLead>,
  grant: Grant,
): Promise<Delivered> {
  const { settings } = tools;
  const upload: IntendedUpload = {
    id: tools.newId(),
    companyId: dialer.record.companyId,
    dialerId: dialer.record.id,
    campaignId,
    sendWindowMs: settings.sendWindowMs,
    absenceAfterMs: absenceAfterMs(settings),
    sentTo: accountName(dialer.record),
  };
  const mayWrite = openWindow(settings.sendWindowMs, tools.clock);
  const attempt: Attempt = { upload, options, mayWrite, sinceIntent: startStopwatch() };
  const begun = await begin(tools, dialer, upload, leads, grant);
  if (begun === undefined) return { open: [], taken: false };
  if (begun.mine.length === 0) {
    await tools.uploadPermits.giveBack(grant.permit).catch(() => undefined);
    return { open: begun.others.open, taken: false };
  }
  try {
    noteBegun(tools, begun.mine, attempt.sinceIntent);
    const sent = await send(tools, dialer, attempt, begun.mine, grant);
    putBack(sent.unsettled.queued);
    return { open: [...begun.others.open, ...sent.unsettled.open], taken: sent.taken };
  } catch (error) {
    const { dialerId } = upload;
    tools.logger.error(
      { err: error, dialerId, campaignId, leads: leads.length },
      'an upload was not dealt with',
    );
    return { open: [...begun.others.open, ...holdAll(tools, attempt, begun.mine)], taken: false };
  }
}

function noteBegun({ metrics }: DeliveryTools, mine: readonly OwnLead[], sinceIntent: Stopwatch): void {
  const intentMs = sinceIntent.elapsedMs();
  metrics.took('assign', intentMs);
  metrics.uploadSize(mine.length);
  const nowMs = Date.now();
  for (const { lead, row } of mine) {
    metrics.assigned(row.aniTier ?? 'none');
    // Later attempts waited for something else.
    if (row.attempt === 1)
      metrics.took('permit', Math.max(0, nowMs - intentMs - lead.taken.job.receivedAtMs));
  }
}

/** What was sent before, and may not be in its row, is not for its ingress to withdraw. */
function effectOn({ taken }: LaneLead): { readonly effect?: 'unsent' } {
  return taken.sentAttempt === 0 ? { effect: 'unsent' } : {};
}

async function begin(
  tools: DeliveryTools,
  dialer: ServedDialer,
  upload: IntendedUpload,
  leads: readonly LaneLead[],
  { start }: Grant,
): Promise<{ mine: OwnLead[]; others: Unsettled } | undefined> {
  tools.observe('before the intent');
  try {
    await recallSent(tools, leads);
    const changed = await intend(tools.database, upload, leads.map(intendedLead)).finally(start.leave);
    tools.observe('after the intent');
    const begun = new Map(changed.map((row) => [row.id, row]));
    const missed = leads.filter(({ leadId }) => !begun.has(leadId)).map(({ leadId }) => leadId);
    const known = new Map((await findLeads(tools.database, missed)).map((row) => [row.id, row]));
    const mine: OwnLead[] = [];
    const others: { lead: LaneLead; row: LeadRow | undefined }[] = [];
    for (const lead of leads) {
      const row = begun.get(lead.leadId);
      if (row?.state === 'SENDING') mine.push({ lead, row });
      else others.push({ lead, row: row ?? known.get(lead.leadId) });
    }
    const unsettled = await obey(tools, dialer, others);
    putBack(unsettled.queued);
    return { mine, others: unsettled };
  } catch (error) {
    // Whether the intent was committed is for the next run to find out: it obeys the row.
    tools.logger.warn({ err: error, dialerId: upload.dialerId }, 'the intent to send could not be recorded');
    const delayMs = () => DATABASE_RETRY_MS * (0.5 + tools.random());
    putBack(leads.map((lead) => ({ lead, delayMs: delayMs(), ...effectOn(lead) })));
    return undefined;
  }
}

/** Leads that were in an upload before, by the note beside their job. Their rows know of it, or the database has forgotten. */
async function recallSent({ database, logger }: DeliveryTools, leads: readonly LaneLead[]): Promise<void> {
  const sent = leads.filter(({ taken }) => taken.sentAttempt > 0);
  const recalled = await recall(
    database,
    sent.map(({ taken: { job, sentAttempt: attempt } }) => ({ job, attempt, sentTo: null })),
  );
  if (recalled.length === 0) return;
  logger.error({ leads: recalled.length }, 'the database has lost the rows of leads that were sent');
}

async function send(
  tools: DeliveryTools,
  dialer: ServedDialer,
  attempt: Attempt,
  leads: readonly OwnLead[],
  grant: Grant,
): Promise<{ unsettled: Unsettled; taken: boolean }> {
  const { account } = dialer;
  const { upload, options, mayWrite } = attempt;
  const request = requestOf({ campaignId: upload.campaignId, options }, leads);
  if (account === undefined || request === undefined) {
    const decision = unusable(account === undefined ? 'DIALER_TOKEN_REFUSED' : 'LEAD_UNUSABLE');
    const record: UploadRecord = { id: upload.id, result: 'unusable', httpStatus: null, latencyMs: 0 };
    tools.metrics.uploads.add(dialer.record.id, 'unusable');
    const decided = leads.map((lead) => decidedLead(tools, attempt, lead, decision, leads.length));
    return { unsettled: await settleLeads(tools, dialer, decided, record), taken: false };
  }
  const attempts = leads.map(({ row }) => ({ leadId: row.id, attempt: row.attempt }));
  const { result, latencyMs } = await callLoader(tools, dialer, account, request, attempts, mayWrite, grant);
  tools.metrics.uploads.add(dialer.record.id, result.kind);
  if (result.kind !== 'never_sent') tools.metrics.took('dialing_system', latencyMs);
  const decisions = decide(
    result,
    leads.map(({ row }) => ({ attempt: row.attempt, random: tools.random() })),
  );
  const decided = leads.map((lead, place) =>
    decidedLead(tools, attempt, lead, decisions[place] ?? unanswered, leads.length),
  );
  const httpStatus = 'httpStatus' in result ? (result.httpStatus ?? null) : null;
  const record: UploadRecord = { id: upload.id, result: result.kind, httpStatus, latencyMs };
  const unsettled = await settleLeads(tools, dialer, decided, record);
  return { unsettled, taken: tookSome(result) };
}

function decidedLead(
  { settings }: DeliveryTools,
  { upload, sinceIntent }: Attempt,
  { lead, row }: OwnLead,
  decision: Decision,
  uploadSize: number,
): DecidedLead {
  const absentFrom = performance.now() - sinceIntent.elapsedMs() + settleWithinMs(settings);
  return { lead, attempt: row.attempt, sentTo: upload.sentTo, decision, absentFrom, uploadSize };
}

/** Their rows say SENDING, or already what became of them: to verify a lead is right in any case. */
function holdAll(tools: DeliveryTools, attempt: Attempt, leads: readonly OwnLead[]): HeldLead[] {
  const nowMs = performance.now();
  return leads.map((own) => {
    const known = decidedLead(tools, attempt, own, unanswered, leads.length);
    return holdLead(tools.settings, nowMs, { ...own, known });
  });
}
