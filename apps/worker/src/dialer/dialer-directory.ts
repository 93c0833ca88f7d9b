import type { Keyring } from '@live-feed/core/crypto/sealing';
import { type Bucket, bucketFor } from '@live-feed/core/limits/rate-windows';
import type { Database } from '@live-feed/database/connection/client';
import {
  type DialerRecord,
  findDialer,
  listDialers,
  readDialersVersion,
} from '@live-feed/database/directory/lookups';
import { listPausedCampaigns } from '@live-feed/database/pauses/campaign-pauses';
import { openCredential } from '@live-feed/dialers/credential';
import { findFamily } from '@live-feed/dialers/families';
import type { DialerFamily } from '@live-feed/dialers/family';
import type { DialerAccount, LeadLoader } from '@live-feed/dialers/lead-loader';
import type { LeadLoaders } from '@live-feed/dialers/lead-loaders';

/** A dialer that can be uploaded to. */
export interface ServedDialer {
  readonly record: DialerRecord;
  readonly loader: LeadLoader;
  /** Undefined where its token is missing or cannot be unsealed. */
  readonly account: DialerAccount | undefined;
  /** What the account may be asked for. */
  readonly uploadBucket: Bucket;
  readonly readBackBucket: Bucket;
}

/** The dialers of supported families, as they are configured now or were a moment ago. */
export interface DialerDirectory {
  /** Undefined if it is not known, or not any more. */
  known(dialerId: string): ServedDialer | undefined;
  /** Asks the database about a dialer that is not known. */
  find(dialerId: string): Promise<ServedDialer | undefined>;
  /** Reads them all, if any has changed, and which campaigns are paused. */
  refresh(): Promise<void>;
  /** The dialer's paused campaigns, as of the last refresh: their ids on the dialing system. */
  pausedCampaigns(dialerId: string): ReadonlySet<string>;
  /** The families of all that are known, by their ids. */
  families(): Map<string, string>;
}

const NONE: ReadonlySet<string> = new Set();

/** @param onUnreadable called once for each token or credential that cannot be decrypted */
export function createDialerDirectory(
  database: Database,
  loaders: LeadLoaders,
  keyring: Keyring,
  onUnreadable: (dialer: DialerRecord, error: unknown) => void,
): DialerDirectory {
  let dialers = new Map<string, ServedDialer>();
  let paused: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  /** As of which they were read. */
  let version: string | undefined;
  /** By dialer, the encrypted texts of which one was reported. */
  const unreadable = new Map<string, string>();

  function accountOf(record: DialerRecord, family: DialerFamily): DialerAccount | undefined {
    const { id, baseUrl, accountId } = record;
    try {
      const credential = openCredential(family, record, keyring);
      return credential && { baseUrl, accountId, credential };
    } catch (error) {
      // Its key was removed: its leads are treated as if the token were missing.
      const sealed = `${record[family.token]} ${record.jwtCredential}`;
      if (unreadable.get(id) !== sealed) onUnreadable(record, error);
      unreadable.set(id, sealed);
      return undefined;
    }
  }

  function served(record: DialerRecord): ServedDialer | undefined {
    const family = findFamily(record.family);
    if (family === undefined) return undefined;
    return {
      record,
      loader: loaders.loaderFor(family),
      account: accountOf(record, family),
      uploadBucket: bucketFor(record.uploadWindows ?? family.windows.upload),
      readBackBucket: bucketFor(family.windows.readBack),
    };
  }

  return {
    known: (dialerId) => dialers.get(dialerId),
    async find(dialerId) {
      // Nothing is sent to a dialer before it is known which of its campaigns are paused.
      paused ??= await listPausedCampaigns(database);
      const known = dialers.get(dialerId);
      if (known !== undefined) return known;
      const record = await findDialer(database, dialerId);
      const dialer = record === null ? undefined : served(record);
      if (dialer !== undefined) dialers.set(dialerId, dialer);
      return dialer;
    },
    async refresh() {
      paused = await listPausedCampaigns(database);
      const present = await readDialersVersion(database);
      if (present === version) return;
      const next = new Map<string, ServedDialer>();
      for (const record of await listDialers(database)) {
        const dialer = served(record);
        if (dialer !== undefined) next.set(record.id, dialer);
      }
      for (const id of unreadable.keys()) if (!next.has(id)) unreadable.delete(id);
      dialers = next;
      version = present;
    },
    pausedCampaigns: (dialerId) => paused?.get(dialerId) ?? NONE,
    families: () => new Map([...dialers].map(([id, { record }]) => [id, record.family])),
  };
}
