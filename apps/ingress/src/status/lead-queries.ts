import type { KeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import { isId } from '@live-feed/core/ids';
import type { LeadScope, TracedLead } from '@live-feed/core/lead/lead-record';
import { normalisePhone } from '@live-feed/core/lead/phone';
import { leadSummary } from '@live-feed/core/status/lead-status';
import type { Database } from '@live-feed/database/connection/client';
import type { DatabaseHealth } from '@live-feed/database/connection/health-check';
import { findLead, searchLeads } from '@live-feed/database/leads/lead-status';
import { takeBack } from '@live-feed/database/leads/lead-transitions';
import type { LeadProducer } from '@live-feed/queue/jobs/lead-producer';
import type { Directory } from '../admission/directory.ts';
import { ApiError, invalidPhone, invalidRequest } from '../answers/api-error.ts';
import type { WorkerErrands } from '../errands/worker-errands.ts';
import { cursorAfter, readCursor } from './lead-cursor.ts';
import type { SearchQuery } from './status-answers.ts';

/** For each key only the leads of its scope exist. */
export interface StatusTools {
  readonly database: Database;
  /** Connections for reading only, so that these queries take none from leads that come in. */
  readonly reading: Database;
  readonly keyring: Keyring;
  readonly digests: KeyedDigests;
  readonly producer: LeadProducer;
  readonly errands: WorkerErrands;
  readonly directory: Pick<Directory, 'findCampaign'>;
  readonly databaseHealth: Pick<DatabaseHealth, 'now'>;
}

/**
 * Gives back a promised lead that has not been sent. Can be repeated.
 *
 * @param mayBeAccepted whether a lead that the dialing system has taken is as good
 * @returns the lead, which is ABANDONED, or ACCEPTED
 * @throws ApiError 404; 409 if it is in any other state
 */
export async function giveBack(
  { database, reading, producer }: StatusTools,
  scope: LeadScope,
  leadId: string,
  mayBeAccepted = false,
): Promise<TracedLead> {
  const taken = isId(leadId) ? await asked(takeBack(database, scope, leadId)) : undefined;
  if (taken !== undefined) await producer.discard(taken.dialerId, leadId);
  const lead = await ownLead(reading, scope, leadId);
  if (lead.state === 'ABANDONED' || (mayBeAccepted && lead.state === 'ACCEPTED')) return lead;
  throw new ApiError('NOT_GIVEN_BACK', { leadId });
}

/** @throws ApiError 404, also for a lead outside the scope */
export async function ownLead(database: Database, scope: LeadScope, leadId: string): Promise<TracedLead> {
  const lead = isId(leadId) ? await asked(findLead(database, scope, leadId)) : null;
  if (lead !== null) return lead;
  throw new ApiError('LEAD_NOT_FOUND');
}

/** @throws ApiError 400 for a phone or a cursor that cannot be read */
export async function searchPage(tools: StatusTools, scope: LeadScope, query: SearchQuery) {
  const { campaignId, source, state, limit } = query;
  const phoneDigest =
    query.phone === undefined ? undefined : tools.digests.phone(scope.companyId, phoneOf(query.phone));
  const olderThan = query.cursor === undefined ? undefined : positionOf(query.cursor);
  const search = { ...scope, phoneDigest, campaignId, source, state, olderThan, limit: limit + 1 };
  const found = await asked(searchLeads(tools.reading, search));
  const leads = found.slice(0, limit);
  const last = found.length > limit ? leads.at(-1) : undefined;
  return { leads: leads.map(leadSummary), nextCursor: last === undefined ? null : cursorAfter(last.id) };
}

function phoneOf(text: string): string {
  const reading = normalisePhone(text);
  if (reading.ok) return reading.phone;
  throw invalidPhone('phone', reading.reason);
}

function positionOf(cursor: string): string {
  const position = readCursor(cursor);
  if (position !== undefined) return position;
  const message = 'it is not a cursor; send the nextCursor of the page before as it is';
  throw invalidRequest([{ path: 'cursor', message }]);
}

async function asked<Answer>(query: Promise<Answer>): Promise<Answer> {
  try {
    return await query;
  } catch (error) {
    throw new ApiError('DATABASE_UNAVAILABLE', { about: 'about leads' }, error);
  }
}
