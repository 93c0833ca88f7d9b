import { createCompanyBatches } from '@live-feed/core/company-batches';
import type { KeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import { mayUseCampaign } from '@live-feed/core/directory/key-settings';
import {
  type Assignment,
  assignAnis,
  type Prospect,
  previewAssignments,
} from '@live-feed/database/caller-ids/ani-assignment';
import type { Database } from '@live-feed/database/connection/client';
import type { DatabaseHealth } from '@live-feed/database/connection/health-check';
import { foundNoConnection } from '@live-feed/database/connection/statement-effect';
import type { KeyRecord } from '@live-feed/database/directory/lookups';
import { INSUFFICIENT } from '../admission/authenticate.ts';
import { createCallerCaps } from '../admission/caller-caps.ts';
import type { Directory } from '../admission/directory.ts';
import { countLead, type TakeLeadOfKey } from '../admission/key-limits.ts';
import { ApiError, invalidPhone } from '../answers/api-error.ts';
import { readProspectPhone } from './prospect-phone.ts';

export interface AssignmentTools {
  readonly database: Database;
  readonly databaseHealth: DatabaseHealth;
  readonly directory: Directory;
  readonly digests: KeyedDigests;
  readonly takeLeadOfKey: TakeLeadOfKey;
  /** Connections for reading only. */
  readonly reading: Database;
}

export interface ProspectRequest {
  readonly prospect_phone: string;
  readonly prospect_zip?: string | null | undefined;
  readonly dialer_campaign?: string | null | undefined;
}

/** @param isDryRun each is answered by itself, and no number is used up @returns for each, in their order; an ApiError 400, 403, 404 or 429 where it is about that one only @throws ApiError 429, 503 */
export type AssignAnis = (
  key: KeyRecord,
  requests: readonly ProspectRequest[],
  isDryRun: boolean,
) => Promise<readonly (Assignment | ApiError)[]>;

/** Requests at once, so that leads find connections free. */
const CAPS = { ofIngress: 500, ofCompany: 100, unknown: () => 0 } as const;
/** Statements under way at once. */
const AT_ONCE = 2;
/** Between two statements of a company: each makes the company's uploads that are just being begun try again. */
const REST_MS = 50;
/** Prospects in a statement, and campaigns, of each of which the numbers are read. */
const MOST_PROSPECTS = 1_000;
const MOST_CAMPAIGNS = 20;
/** As often uploads and other ingresses would have to come in between, again and again. */
const TRIES = 20;

export function createAssignAnis(tools: AssignmentTools): AssignAnis {
  const { database, databaseHealth, reading } = tools;
  const caps = createCallerCaps(CAPS);
  const tries = createCompanyBatches<readonly Prospect[], readonly Assignment[]>({
    run: (companyId, requests) =>
      Promise.all(requests.map((prospects) => foresee(reading, companyId, prospects))),
    atOnce: 1,
    restMs: 0,
    maxSize: 1,
  });
  const batches = createCompanyBatches<readonly Prospect[], readonly Assignment[]>({
    async run(companyId, requests) {
      const assigned = await assignInTurn(database, companyId, requests.flat());
      let from = 0;
      return requests.map(({ length }) => {
        from += length;
        return assigned.slice(from - length, from);
      });
    },
    atOnce: AT_ONCE,
    restMs: REST_MS,
    maxSize: MOST_PROSPECTS,
    sizeOf: (prospects) =>
      Math.max(prospects.length, campaignsOf(prospects).length * (MOST_PROSPECTS / MOST_CAMPAIGNS)),
  });

  async function assign(key: KeyRecord, requests: readonly ProspectRequest[], isDryRun: boolean) {
    const ready = await Promise.all(requests.map((request) => prospectOf(tools, key, request, isDryRun)));
    const prospects = ready.flatMap((one) => (one instanceof ApiError ? [] : [one]));
    const parts = partsOf(prospects);
    const assigned = await Promise.all(
      parts.map((part) => (isDryRun ? tries : batches).submit(key.companyId, part)),
    );
    const byProspect = new Map(
      parts.flatMap((part, n) => part.map((prospect, place) => [prospect, assigned[n]?.[place]] as const)),
    );
    return ready.map((one) =>
      one instanceof ApiError ? one : (byProspect.get(one) ?? { kind: 'none' as const }),
    );
  }

  return async (key, requests, isDryRun) => {
    const cap = caps.enter(key.companyId);
    if (cap !== undefined) {
      throw new ApiError('OVERLOADED', {
        about: cap === 'ingress' ? 'assignments' : 'assignments of the company',
      });
    }
    try {
      return await assign(key, requests, isDryRun);
    } catch (error) {
      if (error instanceof ApiError) throw error;
      if (databaseHealth.alive() && foundNoConnection(error))
        throw new ApiError('OVERLOADED', { about: 'busy' });
      throw new ApiError('DATABASE_UNAVAILABLE', { about: 'to assign numbers' }, error);
    } finally {
      caps.leave(key.companyId);
    }
  };
}

/** @returns the error if it is about this one only @throws ApiError 503 */
async function prospectOf(
  tools: AssignmentTools,
  key: KeyRecord,
  request: ProspectRequest,
  isDryRun: boolean,
): Promise<Prospect | ApiError> {
  try {
    return await readProspect(tools, key, request, isDryRun);
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return error;
    throw error;
  }
}

/** The checks of a lead, in their order. @throws ApiError 400, 403, 404, 429, 503 */
async function readProspect(
  { directory, digests, takeLeadOfKey }: AssignmentTools,
  key: KeyRecord,
  { prospect_phone, prospect_zip, dialer_campaign }: ProspectRequest,
  isDryRun: boolean,
): Promise<Prospect> {
  const reading = readProspectPhone(prospect_phone);
  if (!reading.ok) throw invalidPhone('prospect_phone', reading.reason);
  const { companyId, settings } = key;
  const campaignId = dialer_campaign?.trim() || (settings.defaultCampaign ?? null);
  // Without a campaign all numbers of the company count: they are more than such a key may have.
  if (!mayUseCampaign(settings, campaignId)) {
    throw new ApiError('CAMPAIGN_NOT_ALLOWED', { headers: INSUFFICIENT });
  }
  if (campaignId !== null && (await directory.findCampaign(companyId, campaignId)) === null) {
    throw new ApiError('CAMPAIGN_NOT_FOUND', { about: undefined });
  }
  await countLead(takeLeadOfKey, key, isDryRun, async () => false);
  const { phone } = reading;
  // A number of another numbering plan is in no state, whatever ZIP code came with it.
  if (phone === null) return { campaignId, toCall: {}, phoneDigest: null };
  const toCall = { phone, zip: prospect_zip ?? undefined };
  return { campaignId, toCall, phoneDigest: digests.phone(companyId, phone) };
}

/** What each would get if it asked alone. */
async function foresee(
  reading: Database,
  companyId: string,
  prospects: readonly Prospect[],
): Promise<readonly Assignment[]> {
  const previews = await previewAssignments(reading, companyId, prospects);
  return previews.map((preview) =>
    preview.kind === 'chosen' ? { kind: 'assigned', ani: preview.phone } : { kind: preview.kind },
  );
}

function campaignsOf(prospects: readonly Prospect[]): (string | null)[] {
  return [...new Set(prospects.map(({ campaignId }) => campaignId))];
}

/** Each of so many campaigns that a statement can have. */
function partsOf(prospects: readonly Prospect[]): Prospect[][] {
  const campaigns = campaignsOf(prospects);
  const parts: Prospect[][] = [];
  for (let from = 0; from < campaigns.length; from += MOST_CAMPAIGNS) {
    const own = new Set(campaigns.slice(from, from + MOST_CAMPAIGNS));
    parts.push(prospects.filter(({ campaignId }) => own.has(campaignId)));
  }
  return parts;
}

async function assignInTurn(
  database: Database,
  companyId: string,
  prospects: readonly Prospect[],
): Promise<readonly Assignment[]> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const assigned = await assignAnis(database, companyId, prospects);
    if (assigned !== undefined) return assigned;
  }
  throw new ApiError('OVERLOADED', { about: 'busy' });
}
