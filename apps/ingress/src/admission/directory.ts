import type { CampaignSettings, KeyRecord } from '@live-feed/database/directory/lookups';
import { LRUCache } from 'lru-cache';
import { ApiError } from '../answers/api-error.ts';
import { databaseRefusal } from './database-refusal.ts';

/** API keys and campaigns, read from PostgreSQL and cached for a short time. */
export interface Directory {
  /**
   * @param digests see `KeyedDigests.apiKey`; cached under the first. Unknown keys are never cached.
   * @throws ApiError while the database is away, even where the answer is cached: no lead can be taken without it
   */
  keyByDigest(digest: string, ...former: readonly string[]): Promise<KeyRecord | null>;
  /** @returns null if the company has no such campaign @throws ApiError as `keyByDigest` */
  findCampaign(companyId: string, campaignId: string): Promise<CampaignSettings | null>;
  /** The same without the cache, for a campaign that may have been added a moment ago. */
  recheckCampaign(companyId: string, campaignId: string): Promise<CampaignSettings | null>;
}

/** The queries. */
export interface Lookups {
  readonly alive: () => boolean;
  readonly findKey: (...digests: readonly string[]) => Promise<KeyRecord | null>;
  readonly findCampaign: (companyId: string, campaignId: string) => Promise<CampaignSettings | null>;
}

/** A revoked key or a changed dialer takes effect within this time. */
const FOUND_MS = 5_000;
/** A campaign that has just been added is found within this time. */
export const MISSED_MS = 1_000;

/** @param limits maximum sizes of the caches; the least recently used entries go first */
export function createDirectory(
  lookups: Lookups,
  limits: { readonly keys: number; readonly campaigns: number } = { keys: 10_000, campaigns: 50_000 },
): Directory {
  const { alive, findKey } = lookups;
  const keys = new LRUCache<string, KeyRecord>({ max: limits.keys, ttl: FOUND_MS });
  const campaigns = new LRUCache<string, { readonly found: CampaignSettings | null }>({
    max: limits.campaigns,
    ttl: FOUND_MS,
  });
  const keyOnce = createSharing<KeyRecord | null>(alive);
  const campaignOnce = createSharing<CampaignSettings | null>(alive);

  const nameOf = (companyId: string, campaignId: string) => `${companyId} ${campaignId}`;

  function readCampaign(companyId: string, campaignId: string): Promise<CampaignSettings | null> {
    const name = nameOf(companyId, campaignId);
    return campaignOnce(name, async () => {
      const start = performance.now();
      const found = await lookups.findCampaign(companyId, campaignId);
      campaigns.set(name, { found }, { start, ttl: found === null ? MISSED_MS : FOUND_MS });
      return found;
    });
  }

  return {
    async keyByDigest(digest, ...former) {
      if (!alive()) throw unavailable();
      return (
        keys.get(digest) ??
        keyOnce(digest, async () => {
          // The age counts from before the query: what it read may be that old.
          const start = performance.now();
          const found = await findKey(digest, ...former);
          if (found !== null) keys.set(digest, found, { start });
          return found;
        })
      );
    },
    async findCampaign(companyId, campaignId) {
      if (!alive()) throw unavailable();
      const known = campaigns.get(nameOf(companyId, campaignId));
      return known === undefined ? readCampaign(companyId, campaignId) : known.found;
    },
    async recheckCampaign(companyId, campaignId) {
      if (!alive()) throw unavailable();
      return readCampaign(companyId, campaignId);
    },
  };
}

function unavailable(): ApiError {
  return new ApiError('DATABASE_UNAVAILABLE', { about: 'to take a lead' });
}

/** Request coalescing: under load many requests ask the same at the moment an entry expires, and one query answers them all. */
function createSharing<Answer>(alive: () => boolean) {
  const underway = new Map<string, Promise<Answer>>();
  return (name: string, ask: () => Promise<Answer>): Promise<Answer> => {
    const asked = underway.get(name);
    if (asked !== undefined) return asked;
    const answer = ask()
      .catch((error: unknown) => {
        throw databaseRefusal(alive(), {}, error);
      })
      .finally(() => underway.delete(name));
    underway.set(name, answer);
    return answer;
  };
}
