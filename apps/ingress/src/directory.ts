import type { Database } from '@live-feed/database/client';
import { campaignExists, findKey, type KeyRecord } from '@live-feed/database/lookups';
import { LRUCache } from 'lru-cache';

/** Who may do what, as PostgreSQL says, with a short memory. */
export interface Directory {
  /** @param digest SHA-256 of the key, lower-case hex. Unknown keys are never remembered. */
  keyByDigest(digest: string): Promise<KeyRecord | null>;
  hasCampaign(companyId: string, campaignId: string): Promise<boolean>;
}

/** A revoked key or a changed dialer is noticed within this time. */
const FOUND_MS = 5_000;
/** A campaign that has just been added is found within this time. */
const MISSED_MS = 1_000;
const MOST_KEYS = 10_000;
const MOST_CAMPAIGNS = 50_000;

export function createDirectory(database: Database): Directory {
  const keys = new LRUCache<string, KeyRecord>({ max: MOST_KEYS, ttl: FOUND_MS });
  const campaigns = new LRUCache<string, boolean>({ max: MOST_CAMPAIGNS, ttl: FOUND_MS });
  /** Under load many requests ask the same at the moment an entry ends: one query answers them all. */
  const asking = new Map<string, Promise<unknown>>();

  async function once<T>(name: string, ask: () => Promise<T>): Promise<T> {
    const under = asking.get(name) as Promise<T> | undefined;
    if (under !== undefined) return under;
    const answer = ask().finally(() => asking.delete(name));
    asking.set(name, answer);
    return answer;
  }

  return {
    async keyByDigest(digest) {
      const known = keys.get(digest);
      if (known !== undefined) return known;
      return once(`key ${digest}`, async () => {
        // Counted from before the query: what it read may be that old.
        const start = performance.now();
        const found = await findKey(database, digest);
        if (found !== null) keys.set(digest, found, { start });
        return found;
      });
    },
    async hasCampaign(companyId, campaignId) {
      const name = `${companyId} ${campaignId}`;
      const known = campaigns.get(name);
      if (known !== undefined) return known;
      return once(`campaign ${name}`, async () => {
        const start = performance.now();
        const exists = await campaignExists(database, companyId, campaignId);
        campaigns.set(name, exists, { start, ttl: exists ? FOUND_MS : MISSED_MS });
        return exists;
      });
    },
  };
}
