import { startStopwatch } from '@live-feed/core/clock';
import { SEALED } from '@live-feed/core/lead-job';
import { leadPayloadSchema } from '@live-feed/core/lead-request';
import type { Keyring } from '@live-feed/core/sealing';
import { findLeads } from '@live-feed/database/lead-rows';
import { type IntendedUpload, intend } from '@live-feed/database/lead-transitions';
import type { DialerAccount, UploadLead, UploadRequest, UploadResult } from '@live-feed/dialers/lead-loader';
import { type DialerAddress, dialerAddress } from '@live-feed/queue/dialer-address';
import type { TakenLead } from '@live-feed/queue/lead-source';
import { type Decision, decide } from './decide.ts';
import type { DeliveryTools } from './delivery-tools.ts';
import type { ServedDialer } from './dialer-directory.ts';
import { absenceAfterMs, settleWithinMs } from './settings.ts';
import { type HeldLead, holdLead, obey, settleLeads } from './settle-leads.ts';

/** While PostgreSQL is away nothing can be begun. */
const DATABASE_RETRY_MS = 500;

/**
 * One upload, start to end, of leads of one campaign with equal options.
 *
 * What is on disk before a byte goes out is the intent to send; what is on disk before anybody is told is the outcome.
 *
 * @returns the leads whose outcome has to be verified; all others have been finished or put back
 */
export async function deliver(
  tools: DeliveryTools,
  dialer: ServedDialer,
  taken: readonly TakenLead[],
): Promise<HeldLead[]> {
  const [first] = taken;
  if (first === undefined) return [];
  const { settings } = tools;
  const upload: IntendedUpload = {
    id: tools.newId(),
    companyId: dialer.record.companyId,
    dialerId: dialer.record.id,
    campaignId: first.job.campaignId,
    sendWindowMs: settings.sendWindowMs,
    absenceAfterMs: absenceAfterMs(settings),
  };
  // Started before the transaction: it runs out before `sendBy` does on the database's clock.
  const sinceIntent = startStopwatch();
  const begun = await begin(tools, upload, taken);
  if (begun === undefined) return [];
  const doubtful = await obey(tools, dialer, begun.others);
  const unsettled = begun.mine.length === 0 ? [] : await send(tools, dialer, upload, begun.mine, sinceIntent);
  return [...doubtful, ...unsettled];
}

/** A lead whose attempt is ours to make. */
interface OwnLead extends HeldLead {
  readonly callerId: string | null;
}

async function begin(tools: DeliveryTools, upload: IntendedUpload, taken: readonly TakenLead[]) {
  tools.observe('before the intent');
  try {
    const rows = await intend(
      tools.database,
      upload,
      taken.map(({ job }) => job),
    );
    tools.observe('after the intent');
    const changed = new Map(rows.map((row) => [row.id, row]));
    const missed = taken.map(({ job }) => job.leadId).filter((id) => !changed.has(id));
    const known = new Map([
      ...changed,
      ...(await findLeads(tools.database, missed)).map((row) => [row.id, row] as const),
    ]);
    const mine: OwnLead[] = [];
    const others = [];
    for (const lead of taken) {
      const row = known.get(lead.job.leadId);
      if (row === undefined) lead.retry(DATABASE_RETRY_MS);
      else if (row.state === 'SENDING' && changed.has(row.id)) {
        mine.push({ ...holdLead(lead, row), callerId: row.callerId });
      } else others.push({ taken: lead, row });
    }
    return { mine, others };
  } catch (error) {
    // Whether the intent was committed is for the next run to find out: it obeys the row.
    tools.logger.warn({ err: error, dialerId: upload.dialerId }, 'the intent to send could not be recorded');
    for (const lead of taken) lead.retry(DATABASE_RETRY_MS * (0.5 + tools.random()));
    return undefined;
  }
}

/** @returns the leads whose outcome has to be verified */
async function send(
  tools: DeliveryTools,
  dialer: ServedDialer,
  upload: IntendedUpload,
  leads: readonly OwnLead[],
  sinceIntent: ReturnType<typeof startStopwatch>,
): Promise<HeldLead[]> {
  const { account, record, loader } = dialer;
  const request = account === undefined ? undefined : requestOf(tools.keyring, upload, leads);
  if (account === undefined || request === undefined) {
    return settleLeads(
      tools,
      dialer,
      leads.map((lead) => ({ lead, decision: unusable(account) })),
      leads.length,
      { id: upload.id, result: 'unusable', httpStatus: null, latencyMs: 0 },
    );
  }
  const sinceCall = startStopwatch();
  const result = await loader.upload(account, request, () => {
    const inTime = sinceIntent.elapsedMs() < tools.settings.sendWindowMs;
    if (inTime) tools.observe('before the write');
    return inTime;
  });
  tools.observe('after the answer');
  const latencyMs = Math.round(sinceCall.elapsedMs());
  await noteHealth(tools, dialerAddress(record), result);
  const decided = leads.map((lead) => ({
    lead,
    decision: decide(result, {
      size: leads.length,
      attempt: lead.attempt,
      random: tools.random(),
      settleWithinMs: settleWithinMs(tools.settings),
    }),
  }));
  const httpStatus = 'httpStatus' in result ? (result.httpStatus ?? null) : null;
  return settleLeads(tools, dialer, decided, leads.length, {
    id: upload.id,
    result: result.kind,
    httpStatus,
    latencyMs,
  });
}

/** @returns undefined if a payload cannot be read: sealed under a key that is gone */
function requestOf(
  keyring: Keyring,
  upload: IntendedUpload,
  leads: readonly OwnLead[],
): UploadRequest | undefined {
  try {
    let options: Record<string, string> = {};
    const uploadLeads = leads.map(({ taken: { job }, callerId }): UploadLead => {
      const sealed = { companyId: upload.companyId, column: SEALED.payload };
      const payload = leadPayloadSchema.parse(JSON.parse(keyring.unseal(job.payload, sealed)));
      options = payload.options;
      return {
        externId: job.leadId,
        leadPhone: payload.phone,
        fields: payload.fields,
        ...(callerId === null ? {} : { callerId }),
      };
    });
    return { campaignId: upload.campaignId, options, leads: uploadLeads };
  } catch {
    return undefined;
  }
}

function unusable(account: DialerAccount | undefined): Decision {
  const reason = account === undefined ? 'DIALER_TOKEN_REFUSED' : 'LEAD_UNUSABLE';
  return { transition: 'block', reason, told: null, source: null, delayMs: 0, neededMs: 0 };
}

/** A dialing system's state is everybody's business; that it could not be shared is no reason to fail a lead. */
async function noteHealth(tools: DeliveryTools, address: DialerAddress, result: UploadResult): Promise<void> {
  const { health, logger } = tools;
  try {
    const heldForMs = await noted(health, address, result);
    if (heldForMs > 0)
      logger.error({ dialerId: address.dialerId, heldForMs, result: result.kind }, 'the dialer is held');
  } catch (error) {
    logger.warn({ err: error, dialerId: address.dialerId }, "the dialer's health could not be shared");
  }
}

async function noted(
  health: DeliveryTools['health'],
  address: DialerAddress,
  result: UploadResult,
): Promise<number> {
  switch (result.kind) {
    case 'answered':
    case 'refused':
      await health.succeeded(address);
      return 0;
    case 'not_allowed':
      // A campaign that it does not know says nothing of the dialer.
      return result.httpStatus === 404 ? 0 : health.failed(address, 'token_refused');
    case 'throttled':
      return health.throttled(address, result.retryAfterMs);
    case 'never_sent':
    case 'unknown':
      return health.failed(address, 'failing');
  }
}
