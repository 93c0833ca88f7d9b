import { type Stopwatch, startStopwatch } from '@live-feed/core/clock';
import { type IntendedLead, type IntendedUpload, intend } from '@live-feed/database/intend';
import { findLeads, type LeadRow } from '@live-feed/database/lead-rows';
import type { UploadRecord } from '@live-feed/database/lead-transitions';
import type { UploadLead, UploadRequest } from '@live-feed/dialers/lead-loader';
import { callLoader } from './call-loader.ts';
import { decide, takenAsUpload, unusable } from './decide.ts';
import type { DeliveryTools } from './delivery-tools.ts';
import type { ServedDialer } from './dialer-directory.ts';
import type { HeldLead } from './held-lead.ts';
import type { Grant } from './lane.ts';
import type { LaneLead } from './lane-lead.ts';
import { absenceAfterMs } from './settings.ts';
import { obey, putBack, settleLeads, type Unsettled } from './settle-leads.ts';

/** While PostgreSQL is away nothing can be begun. */
const DATABASE_RETRY_MS = 500;

export interface Delivered {
  /** Leads whose outcome has to be verified; all others have been finished or put back. */
  readonly open: readonly HeldLead[];
  /** Whether the dialing system took it for an upload. */
  readonly taken: boolean;
}

/**
 * One upload, start to end, of leads of one campaign with equal options.
 *
 * What is on disk before a byte goes out is the intent to send; what is on disk before anybody is told is the outcome.
 */
export async function deliver(
  tools: DeliveryTools,
  dialer: ServedDialer,
  leads: readonly LaneLead[],
  grant: Grant,
): Promise<Delivered> {
  const { settings } = tools;
  const upload: IntendedUpload = {
    id: tools.newId(),
    companyId: dialer.record.companyId,
    dialerId: dialer.record.id,
    campaignId: leads[0]?.campaignId ?? '',
    sendWindowMs: settings.sendWindowMs,
    absenceAfterMs: absenceAfterMs(settings),
  };
  // Started before the transaction: it runs out before `sendBy` does on the database's clock.
  const sinceIntent = startStopwatch();
  const begun = await begin(tools, dialer, upload, leads, grant);
  if (begun === undefined) return { open: [], taken: false };
  if (begun.mine.length === 0) {
    await tools.uploadPermits.giveBack(grant.permit).catch(() => undefined);
    return { open: begun.others.open, taken: false };
  }
  noteBegun(tools, begun.mine, sinceIntent);
  const sent = await send(tools, dialer, upload, begun.mine, sinceIntent, grant);
  putBack(sent.unsettled.queued);
  return { open: [...begun.others.open, ...sent.unsettled.open], taken: sent.taken };
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

/** A lead whose attempt is ours to make. */
interface OwnLead {
  readonly lead: LaneLead;
  readonly row: LeadRow;
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
    putBack(leads.map((lead) => ({ lead, delayMs: delayMs(), effect: 'unsent' })));
    return undefined;
  }
}

async function send(
  tools: DeliveryTools,
  dialer: ServedDialer,
  upload: IntendedUpload,
  leads: readonly OwnLead[],
  sinceIntent: Stopwatch,
  grant: Grant,
): Promise<{ unsettled: Unsettled; taken: boolean }> {
  const { account } = dialer;
  const request = requestOf(upload, leads);
  if (account === undefined || request === undefined) {
    const decision = unusable(account === undefined ? 'DIALER_TOKEN_REFUSED' : 'LEAD_UNUSABLE');
    const decided = leads.map(({ lead, row }) => ({ lead, attempt: row.attempt, decision }));
    const record: UploadRecord = { id: upload.id, result: 'unusable', httpStatus: null, latencyMs: 0 };
    tools.metrics.uploads.add(dialer.record.id, 'unusable');
    return { unsettled: await settleLeads(tools, dialer, decided, leads.length, record), taken: false };
  }
  const { result, latencyMs } = await callLoader(tools, dialer, account, request, sinceIntent, grant);
  tools.metrics.uploads.add(dialer.record.id, result.kind);
  if (result.kind !== 'never_sent') tools.metrics.took('dialing_system', latencyMs);
  const decisions = decide(
    result,
    leads.map(({ lead, row }) => ({
      externId: lead.leadId,
      phone: lead.payload?.phone ?? '',
      attempt: row.attempt,
      random: tools.random(),
    })),
  );
  const decided = leads.flatMap(({ lead, row }, place) => {
    const decision = decisions[place];
    return decision === undefined ? [] : [{ lead, attempt: row.attempt, decision }];
  });
  const httpStatus = 'httpStatus' in result ? (result.httpStatus ?? null) : null;
  const record: UploadRecord = { id: upload.id, result: result.kind, httpStatus, latencyMs };
  const unsettled = await settleLeads(tools, dialer, decided, leads.length, record);
  return { unsettled, taken: takenAsUpload(result) };
}

/** What cannot be read is no reason to fail the upload's other leads. */
function intendedLead({ taken: { job }, payload }: LaneLead): IntendedLead {
  const { zip, state } = payload?.fields ?? {};
  return { job, toCall: { phone: payload?.phone, zip, state } };
}

/** @returns undefined if a payload cannot be read: sealed under a key that is gone */
function requestOf(upload: IntendedUpload, leads: readonly OwnLead[]): UploadRequest | undefined {
  const uploadLeads: UploadLead[] = [];
  for (const { lead, row } of leads) {
    const { payload, leadId: externId } = lead;
    if (payload === undefined) return undefined;
    uploadLeads.push({
      externId,
      leadPhone: payload.phone,
      fields: payload.fields,
      ...(row.callerId === null ? {} : { callerId: row.callerId }),
    });
  }
  return { campaignId: upload.campaignId, options: leads[0]?.lead.options ?? {}, leads: uploadLeads };
}
