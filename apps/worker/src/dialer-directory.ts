import { SEALED } from '@live-feed/core/lead-job';
import type { Keyring } from '@live-feed/core/sealing';
import type { Database } from '@live-feed/database/client';
import { type DialerRecord, listDialers } from '@live-feed/database/lookups';
import type { DialerAccount, LeadLoader } from '@live-feed/dialers/lead-loader';
import { isSupportedFamily, type LeadLoaders } from '@live-feed/dialers/lead-loaders';

/** A dialer that can be uploaded to. */
export interface ServedDialer {
  readonly record: DialerRecord;
  readonly loader: LeadLoader;
  /** Undefined where its token is missing or cannot be unsealed. */
  readonly account: DialerAccount | undefined;
}

/** Every dialer of a supported family, as it is configured now. */
export async function readDialers(
  database: Database,
  loaders: LeadLoaders,
  keyring: Keyring,
): Promise<ServedDialer[]> {
  const records = await listDialers(database);
  return records.flatMap((record) => {
    if (!isSupportedFamily(record.family)) return [];
    return [{ record, loader: loaders.loaderFor(record.family), account: accountOf(record, keyring) }];
  });
}

function accountOf(record: DialerRecord, keyring: Keyring): DialerAccount | undefined {
  const { companyId, baseUrl, accountId } = record;
  const [sealed, column] =
    record.family === 'ringcx'
      ? [record.permanentToken, SEALED.permanentToken]
      : [record.apiAuthToken, SEALED.apiAuthToken];
  if (sealed === null) return undefined;
  try {
    return { baseUrl, accountId, token: keyring.unseal(sealed, { companyId, column }) };
  } catch {
    // Sealed under a key that is gone: as good as missing, and told to ops in the same way.
    return undefined;
  }
}
