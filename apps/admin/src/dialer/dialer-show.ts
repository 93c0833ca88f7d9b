import type { LeadState } from '@live-feed/core/lead/lead-state';
import { type CampaignSyncRecord, findCampaignSync } from '@live-feed/database/directory/campaign-syncs';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { countUnfinished } from '@live-feed/database/directory/dialers';
import { findIntake } from '@live-feed/database/directory/intake';
import type { DialerRecord } from '@live-feed/database/directory/lookups';
import { findFamily } from '@live-feed/dialers/families';
import { type InspectedQueue, openInspectedQueue } from '@live-feed/queue/jobs/inspected-queue';
import { describeQueue, type QueueStanding } from '@live-feed/queue/jobs/queue-standing';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth, type DialerStanding } from '@live-feed/queue/limits/dialer-health';
import { theDialer } from '../company/the-company.ts';
import { intakeFacts } from '../intake/map-fields.ts';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { facts, type Report } from '../terminal/report.ts';

/** Shows a dialer's configuration, whether it may send now, and its backlog. */
export async function showDialer(session: Session, companyName: string): Promise<Report> {
  const { company, dialer } = await theDialer(session, companyName);
  const redis = await session.redis();
  const standing = await createDialerHealth(redis).describe(dialerAddress(dialer));
  const queue = await withQueue(session, dialer.id, describeQueue);
  const leads = await countUnfinished(session.database, company.id, dialer.id);
  const settings = describeSettings(company, dialer);
  const intake = await findIntake(session.database, company.id);
  const campaignSync = await findCampaignSync(session.database, dialer.id);
  return {
    text: `${settings.text}\n\n${intakeFacts(intake)}\n\n${stateFacts(standing, queue, leads)}\n\n${syncFacts(campaignSync)}`,
    data: { ...settings.data, intake, standing, queue, leads, campaignSync },
  };
}

/** Runs `work` with a dialer's queue, then closes the queue. */
export async function withQueue<Result>(
  session: Session,
  dialerId: string,
  work: (queue: InspectedQueue) => Promise<Result>,
): Promise<Result> {
  const queue = await openInspectedQueue(await session.redis(), dialerId, () => undefined);
  try {
    return await work(queue);
  } finally {
    await queue.close();
  }
}

/** A token or credential is never shown: only whether there is one. */
export function describeSettings(company: CompanyRecord, dialer: DialerRecord) {
  const { permanentToken, apiAuthToken, jwtCredential, companyId, ...settings } = dialer;
  const family = findFamily(dialer.family);
  const hasToken = (family === undefined ? (permanentToken ?? apiAuthToken) : dialer[family.token]) !== null;
  const hasJwtCredential = jwtCredential !== null;
  const windows = dialer.uploadWindows?.map(({ requests, perMs }) => `${requests}/${perMs / 1_000}s`);
  const { forward, map, phoneFormat } = dialer.leadSettings;
  const mapped = Object.entries(map)
    .map(([value, word]) => `${value}=${word}`)
    .sort();
  const defaults = Object.entries(dialer.uploadDefaults).map(([name, value]) => `${name}=${value}`);
  const served = family === undefined ? ' (not served by the live feed)' : '';
  return {
    text: facts([
      ['company', company.name],
      ['dialer id', dialer.id],
      ['family', dialer.family + served],
      ['base URL', dialer.baseUrl],
      ['account', dialer.accountId],
      ['signs in with', describeCredential(hasToken, hasJwtCredential)],
      ['upload defaults', defaults.join(', ')],
      ['forwarded fields', forward.join(', ')],
      ['mapped options', mapped.join(', ')],
      ['phone format', phoneFormat],
      ['uploads at once', dialer.maxInFlight],
      ['leads per upload', dialer.maxLeadsPerUpload],
      ['rate windows', windows === undefined ? 'as documented' : windows.join(', ') || 'none'],
      ['if unverifiable', dialer.onUnverifiable],
    ]),
    data: { company, dialer: { ...settings, hasToken, hasJwtCredential } },
  };
}

function describeCredential(hasToken: boolean, hasJwtCredential: boolean): string {
  if (hasToken) return 'a token';
  if (hasJwtCredential) return 'a JWT credential';
  return `nothing yet: ${hint`dialer set --help`}`;
}

function syncFacts(sync: CampaignSyncRecord | null): string {
  if (sync === null) return facts([['campaigns read', `by hand: ${hint`campaign sync --help`}`]]);
  return facts([
    ['campaigns read', `every ${sync.everyMs / 60_000} min`],
    ['last read by a worker', sync.syncedAt],
    ['last failure', sync.failure],
    ['next turn', sync.dueAt],
  ]);
}

const WHY_HELD = {
  throttled: 'the dialing system asked to slow down',
  token_refused: 'the dialing system refused the token',
  failing: 'the dialing system kept failing',
  ops: 'by ops',
} as const;

function stateFacts(
  standing: DialerStanding,
  queue: QueueStanding,
  leads: Partial<Record<LeadState, number>>,
): string {
  const { heldUntil, reason, note, failures } = standing;
  const why = reason === null ? '' : `: ${WHY_HELD[reason]}${note ? ` (${note})` : ''}`;
  return facts([
    ['held', heldUntil === null ? 'no' : `until ${heldUntil.toISOString()}${why}`],
    ['failures in a row', failures],
    ['paused', queue.paused ? `yes: ${hint`dialer release --help`} ends it` : 'no'],
    ['waiting', queue.waiting],
    ['oldest waiting since', queue.oldestWaiting],
    ['delayed', queue.delayed],
    ['with a worker', queue.active],
    ['queued in PostgreSQL', leads.QUEUED ?? 0],
    ['being sent', leads.SENDING ?? 0],
    ['being verified', leads.UNKNOWN ?? 0],
    ['parked', leads.PARKED ?? 0],
  ]);
}
