import type { CampaignPause } from '@live-feed/core/directory/campaign-pause';
import type { DuplicateRule } from '@live-feed/core/directory/duplicate-rule';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '@live-feed/database/connection/client';
import type { DatabaseHealth } from '@live-feed/database/connection/health-check';
import { isKeyTaken, type KeyedRequest } from '@live-feed/database/leads/idempotency-keys';
import type { LeadProducer } from '@live-feed/queue/jobs/lead-producer';
import type { DialerAddress } from '@live-feed/queue/limits/dialer-address';
import { ApiError } from '../answers/api-error.ts';
import type { Drain } from '../stopping/drain.ts';
import {
  type Admission,
  type Candidate,
  type Refusal,
  UNREPORTED_BACKLOG,
  type Verdict,
} from './admission.ts';
import type { CallerCaps } from './caller-caps.ts';
import { campaignPaused } from './campaign-paused.ts';
import { databaseRefusal } from './database-refusal.ts';
import { inLine, type LineTools } from './in-line.ts';
import type { KnownStops } from './known-stops.ts';
import type { UnreportedBacklogs } from './unreported-backlogs.ts';

export interface AdmissionTools extends LineTools {
  readonly admission: Admission;
  readonly unreportedBacklogs: UnreportedBacklogs;
  readonly caps: CallerCaps;
  readonly stops: KnownStops;
  readonly producer: LeadProducer;
  readonly database: Database;
  readonly databaseHealth: DatabaseHealth;
  readonly drain: Drain;
  /** Maximum number of leads that wait for one dialer. */
  readonly maxBacklog: number;
}

/** A valid lead. */
export interface LeadToAdmit {
  readonly job: LeadJob;
  /** 10 digits. */
  readonly phone: string;
  /** Which leads of its campaign may share its upload, see `groupName`. */
  readonly group: string;
  readonly address: DialerAddress;
  /** Undefined without an `Idempotency-Key`. */
  readonly keyed: KeyedRequest | undefined;
  /** Of its campaign, as it stands now. */
  readonly pause: CampaignPause | null;
  /** Null where duplicates are not looked for. */
  readonly duplicates: DuplicateRule | null;
  /** Whether the caller waits for the outcome. */
  readonly waits: boolean;
  /** It takes no place, and is not counted. */
  readonly isDryRun: boolean;
}

/**
 * Refuses a lead that could not be answered in time, or that there is no room for. The forecast goes by what the lanes have reported; the only
 * questions asked are whether the dialer may be called at all, see `known-stops.ts`, and what a refusal depends on.
 *
 * @returns to be called once the caller has its answer
 * @throws ApiError 429, 503: nothing was taken
 */
export async function admitLead(tools: AdmissionTools, lead: LeadToAdmit): Promise<() => void> {
  if (tools.drain.isOver) throw new ApiError('OVERLOADED', { about: 'stopping' });
  const { companyId, dialerId, leadId } = lead.job;
  await refuseWhilePaused(tools, lead);
  const verdict = await judge(tools, lead);
  if (verdict.kind === 'refused' && !(await isRepetition(tools, lead))) throw refusalOf(verdict);
  const leave = () => tools.unreportedBacklogs.leave(dialerId, leadId);
  const cap = lead.isDryRun ? tools.caps.reached(companyId) : tools.caps.enter(companyId);
  if (cap !== undefined) {
    leave();
    throw new ApiError('OVERLOADED', { about: cap === 'ingress' ? 'callers' : 'callers of the company' });
  }
  return () => {
    if (lead.isDryRun) return;
    leave();
    tools.caps.leave(companyId);
  };
}

/** The share of a dialer's backlog that leads of paused campaigns may use, so that those of others find room. */
const KEPT_SHARE = 0.5;

/** @throws ApiError 429 for a lead of a paused campaign, unless it is one to be kept, for which there is room, or becomes no new lead */
async function refuseWhilePaused(tools: AdmissionTools, lead: LeadToAdmit): Promise<void> {
  const { pause, waits, job } = lead;
  if (pause === null) return;
  let about: 'refused' | 'waits' | 'full' = waits ? 'waits' : 'full';
  if (pause.kind === 'refuse') about = 'refused';
  else if (!waits && (await hasRoomToKeep(tools, job.dialerId))) return;
  if (await isRepetition(tools, lead)) return;
  throw campaignPaused(pause, tools.databaseHealth.now(), { about });
}

async function hasRoomToKeep({ producer, maxBacklog }: AdmissionTools, dialerId: string): Promise<boolean> {
  try {
    return (await producer.count(dialerId)) < maxBacklog * KEPT_SHARE;
  } catch (error) {
    throw new ApiError('QUEUE_UNAVAILABLE', {}, error);
  }
}

async function judge(
  tools: AdmissionTools,
  { job, group, keyed, address, waits, isDryRun }: LeadToAdmit,
): Promise<Verdict> {
  const { companyId, dialerId, campaignId, leadId } = job;
  const request = keyed === undefined ? (job.joinKey ?? leadId) : `${companyId} ${keyed.keyDigest}`;
  const candidate: Candidate = { dialerId, campaignId, group, request, waits };
  // Both questions in one round trip.
  if (!tools.admission.isReported(dialerId)) tools.unreportedBacklogs.look(dialerId);
  const circumstances = {
    stop: waits ? await tools.stops.of(address) : undefined,
    nowMs: tools.databaseHealth.now(),
    answersEndInMs: tools.drain.answersEndInMs(),
  };
  const verdict = tools.admission[isDryRun ? 'forecast' : 'judge'](candidate, circumstances);
  if (verdict.kind !== 'unreported') return verdict;
  const hasRoom = isDryRun
    ? await tools.unreportedBacklogs.hasRoom(dialerId)
    : await tools.unreportedBacklogs.enter(dialerId, leadId);
  return hasRoom ? verdict : UNREPORTED_BACKLOG;
}

/**
 * Whether a request would become no new lead: it joins one, or repeats its key. Such a request is not refused, since by the time it came back
 * the lead that it means might have ended, and it would become a second one.
 */
export async function isRepetition(
  tools: AdmissionTools,
  { job, keyed }: Pick<LeadToAdmit, 'job' | 'keyed'>,
): Promise<boolean> {
  const { producer, database, databaseHealth } = tools;
  try {
    if (keyed === undefined) return (await producer.findUnderWay(job)) !== undefined;
  } catch (error) {
    throw new ApiError('QUEUE_UNAVAILABLE', {}, error);
  }
  try {
    return await inLine(tools, job, () => isKeyTaken(database, keyed));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw databaseRefusal(databaseHealth.alive(), {}, error);
  }
}

function refusalOf({ why, retryAfterS: retryAfterSeconds }: Refusal): ApiError {
  switch (why) {
    case 'backlog':
      return new ApiError('DIALER_BACKLOG', { about: why, retryAfterSeconds });
    case 'held':
    case 'paused':
      return new ApiError('DIALER_PAUSED', { about: why, retryAfterSeconds });
    case 'stopping':
      return new ApiError('OVERLOADED', { about: why });
  }
}
