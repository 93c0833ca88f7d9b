import type { Stopwatch } from '@live-feed/core/clock';
import { accountName } from '@live-feed/core/directory/account-name';
import type { Upload } from '@live-feed/core/upload/line';
import { recall } from '@live-feed/database/leads/forgotten-leads';
import type { IntendedUpload } from '@live-feed/database/leads/intend';
import { CampaignPausedError, type RecordedIntent } from '@live-feed/database/leads/intents';
import { findLeads, type LeadRow } from '@live-feed/database/leads/lead-rows';
import type { UploadRecord } from '@live-feed/database/leads/lead-transitions';
import type { UploadRequest } from '@live-feed/dialers/lead-loader';
import type { ServedDialer } from '../dialer/dialer-directory.ts';
import type { Grant } from '../dialer/grant.ts';
import { type DecidedAttempt, type DoubtfulAttempt, doubtfulAttempt } from './attempt.ts';
import { callLoader } from './call-loader.ts';
import { type Decision, decide, tookSome, unanswered, unusable } from './decide.ts';
import type { DeliveryTools } from './delivery-tools.ts';
import { settleWithinMs } from './settings.ts';
import { applyRows, putBack, settleLeads, type Unsettled } from './settle-leads.ts';
import type { TakenLead } from './taken-lead.ts';
import { intendedLead, requestOf, type Sending } from './upload-request.ts';

/** While PostgreSQL is away nothing can be begun. */
const DATABASE_RETRY_MS = 500;
/** By then the lane knows that the campaign is paused, and puts its leads aside. */
const PAUSED_RETRY_MS = 1_000;

export interface Delivered {
  /** Leads whose outcome has to be verified; all others have been finished or put back. */
  readonly doubtful: readonly DoubtfulAttempt[];
  /** Whether the dialing system took it for an upload. */
  readonly accepted: boolean;
}

/** An upload that has begun. */
interface BegunUpload extends Pick<RecordedIntent, 'mayWrite' | 'sinceIntent'> {
  readonly upload: IntendedUpload;
  readonly options: UploadRequest['options'];
}

/**
 * One upload, start to end, of leads of one campaign with equal options.
 *
 * The intent to send is on disk before a byte is written, the outcome before anybody is notified. Whatever throws in between, the
 * leads that may have been sent are returned to be verified.
 */
export async function deliver(
  tools: DeliveryTools,
  dialer: ServedDialer,
  { leads, campaignId, options }: Upload<TakenLead>,
  grant: Grant,
): Promise<Delivered> {
  const upload: IntendedUpload = {
    id: tools.newId(),
    companyId: dialer.record.companyId,
    dialerId: dialer.record.id,
    campaignId,
    sentTo: accountName(dialer.record),
    leads: leads.map(intendedLead),
  };
  const begun = await begin(tools, dialer, upload, leads, grant);
  if (begun === undefined) return { doubtful: [], accepted: false };
  if (begun.sending.length === 0) {
    await tools.uploadPermits.giveBack(grant.permit).catch(() => undefined);
    return { doubtful: begun.others.doubtful, accepted: false };
  }
  const begunUpload: BegunUpload = { upload, options, ...begun };
  try {
    noteBegun(tools, begun.sending, begunUpload.sinceIntent);
    const sent = await send(tools, dialer, begunUpload, begun.sending, grant);
    putBack(sent.unsettled.queued);
    return { doubtful: [...begun.others.doubtful, ...sent.unsettled.doubtful], accepted: sent.accepted };
  } catch (error) {
    const { dialerId } = upload;
    tools.logger.error(
      { err: error, dialerId, campaignId, leads: leads.length },
      'an upload was not dealt with',
    );
    return {
      doubtful: [...begun.others.doubtful, ...doubtAll(tools, begunUpload, begun.sending)],
      accepted: false,
    };
  }
}

function noteBegun({ metrics }: DeliveryTools, sending: readonly Sending[], sinceIntent: Stopwatch): void {
  const intentMs = sinceIntent.elapsedMs();
  metrics.took('assign', intentMs);
  metrics.uploadSize(sending.length);
  const nowMs = Date.now();
  for (const { lead, row } of sending) {
    metrics.assigned(row.aniTier ?? 'none');
    // Later attempts waited for something else.
    if (row.attempt === 1)
      metrics.took('permit', Math.max(0, nowMs - intentMs - lead.taken.job.receivedAtMs));
  }
}

/** A lead that was sent before must not be withdrawn by its ingress: its row may not say so. */
function effectOn({ taken }: TakenLead): { readonly effect?: 'unsent' } {
  return taken.sentAttempt === 0 ? { effect: 'unsent' } : {};
}

async function begin(
  tools: DeliveryTools,
  dialer: ServedDialer,
  upload: IntendedUpload,
  leads: readonly TakenLead[],
  { start, permit }: Grant,
): Promise<(Omit<RecordedIntent, 'rows'> & { sending: Sending[]; others: Unsettled }) | undefined> {
  tools.observe('before the intent');
  try {
    await recallSent(tools, leads);
    const { rows, ...clocks } = await tools.intents.begin(upload).finally(start.leave);
    tools.observe('after the intent');
    const begun = new Map(rows.map((row) => [row.id, row]));
    const missed = leads.filter(({ leadId }) => !begun.has(leadId)).map(({ leadId }) => leadId);
    const known = new Map((await findLeads(tools.database, missed)).map((row) => [row.id, row]));
    const sending: Sending[] = [];
    const others: { lead: TakenLead; row: LeadRow | undefined }[] = [];
    for (const lead of leads) {
      const row = begun.get(lead.leadId);
      if (row?.state === 'SENDING') sending.push({ lead, row });
      else others.push({ lead, row: row ?? known.get(lead.leadId) });
    }
    const unsettled = await applyRows(tools, dialer, others);
    putBack(unsettled.queued);
    return { ...clocks, sending, others: unsettled };
  } catch (error) {
    if (error instanceof CampaignPausedError) {
      putBack(leads.map((lead) => ({ lead, delayMs: PAUSED_RETRY_MS, ...effectOn(lead) })));
      await tools.uploadPermits.giveBack(permit).catch(() => undefined);
      return undefined;
    }
    // The intent may have been committed: the next run does what the row says.
    tools.logger.warn({ err: error, dialerId: upload.dialerId }, 'the intent to send could not be recorded');
    const delayMs = () => DATABASE_RETRY_MS * (0.5 + tools.random());
    putBack(leads.map((lead) => ({ lead, delayMs: delayMs(), ...effectOn(lead) })));
    return undefined;
  }
}

/** Leads that were in an upload before, by the note beside their job. Their rows say so, or the database has lost that write. */
async function recallSent({ database, logger }: DeliveryTools, leads: readonly TakenLead[]): Promise<void> {
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
  begun: BegunUpload,
  leads: readonly Sending[],
  grant: Grant,
): Promise<{ unsettled: Unsettled; accepted: boolean }> {
  const { account } = dialer;
  const { upload, options, mayWrite } = begun;
  const request = requestOf({ campaignId: upload.campaignId, options }, leads);
  if (account === undefined || request === undefined) {
    const decision = unusable(account === undefined ? 'DIALER_TOKEN_REFUSED' : 'LEAD_UNUSABLE');
    const record: UploadRecord = { id: upload.id, result: 'unusable', httpStatus: null, latencyMs: 0 };
    tools.metrics.uploads.add(dialer.record.id, 'unusable');
    const decided = leads.map((lead) => decidedAttempt(tools, begun, lead, decision, leads.length));
    return { unsettled: await settleLeads(tools, dialer, decided, record), accepted: false };
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
    decidedAttempt(tools, begun, lead, decisions[place] ?? unanswered, leads.length),
  );
  const httpStatus = 'httpStatus' in result ? (result.httpStatus ?? null) : null;
  const record: UploadRecord = { id: upload.id, result: result.kind, httpStatus, latencyMs };
  const unsettled = await settleLeads(tools, dialer, decided, record);
  return { unsettled, accepted: tookSome(result) };
}

function decidedAttempt(
  { settings }: DeliveryTools,
  { upload, sinceIntent }: BegunUpload,
  { lead, row }: Sending,
  decision: Decision,
  uploadSize: number,
): DecidedAttempt {
  const absentFrom = performance.now() - sinceIntent.elapsedMs() + settleWithinMs(settings);
  return { lead, attempt: row.attempt, sentTo: upload.sentTo, decision, absentFrom, uploadSize };
}

/** Their rows say SENDING, or have the outcome already: verifying a lead is right in any case. */
function doubtAll(tools: DeliveryTools, begun: BegunUpload, leads: readonly Sending[]): DoubtfulAttempt[] {
  const nowMs = performance.now();
  return leads.map((each) => {
    const made = decidedAttempt(tools, begun, each, unanswered, leads.length);
    return doubtfulAttempt(tools.settings, nowMs, each.lead, each.row, made);
  });
}
