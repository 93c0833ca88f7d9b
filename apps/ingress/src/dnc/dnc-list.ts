import type { KeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import { storedPhone } from '@live-feed/core/directory/suppressed-phone';
import { normalisePhone } from '@live-feed/core/lead/phone';
import type { Database } from '@live-feed/database/connection/client';
import type { DatabaseHealth } from '@live-feed/database/connection/health-check';
import { foundNoConnection } from '@live-feed/database/connection/statement-effect';
import type { KeyRecord } from '@live-feed/database/directory/lookups';
import {
  allowPhones,
  findSuppressed,
  type PhoneToSuppress,
  suppressPhones,
} from '@live-feed/database/suppression/suppressed-phones';
import { INSUFFICIENT } from '../admission/authenticate.ts';
import { createCallerCaps } from '../admission/caller-caps.ts';
import { ApiError, invalidPhone } from '../answers/api-error.ts';
import { createListAdditions } from './list-additions.ts';

export interface DncTools {
  readonly database: Database;
  /** Connections for reading only. */
  readonly reading: Database;
  readonly databaseHealth: DatabaseHealth;
  readonly keyring: Keyring;
  readonly digests: KeyedDigests;
}

/**
 * The do-not-call lists of companies. Each method may be repeated. A dry run changes nothing, and returns what would have been done.
 *
 * @throws ApiError 400, 403, 429, 503
 */
export interface DncList {
  add(
    key: KeyRecord,
    phone: string,
    reason: string | null,
    isDryRun: boolean,
  ): Promise<'added' | 'there already'>;
  remove(key: KeyRecord, phone: string, isDryRun: boolean): Promise<'removed' | 'not there'>;
  check(key: KeyRecord, phone: string): Promise<boolean>;
}

/** Requests at once, so that leads find connections free. */
const CAPS = { ofIngress: 500, ofCompany: 100, unknown: () => 0 } as const;

export function createDncList({ database, reading, databaseHealth, keyring, digests }: DncTools): DncList {
  const caps = createCallerCaps(CAPS);
  const additions = createListAdditions<PhoneToSuppress>((companyId, phones) =>
    suppressPhones(database, companyId, phones),
  );

  async function capped<Result>(
    { companyId }: KeyRecord,
    about: 'about leads' | 'to change the list',
    work: () => Promise<Result>,
  ): Promise<Result> {
    const cap = caps.enter(companyId);
    if (cap !== undefined) {
      throw new ApiError('OVERLOADED', { about: cap === 'ingress' ? 'phones' : 'phones of the company' });
    }
    try {
      return await work();
    } catch (error) {
      if (databaseHealth.alive() && foundNoConnection(error))
        throw new ApiError('OVERLOADED', { about: 'busy' });
      throw new ApiError('DATABASE_UNAVAILABLE', { about }, error);
    } finally {
      caps.leave(companyId);
    }
  }

  const isListed = async (key: KeyRecord, digest: string) =>
    (await capped(key, 'about leads', () => findSuppressed(reading, key.companyId, digest))) !== null;

  return {
    async add(key, text, reason, isDryRun) {
      const stored = storedPhone({ keyring, digests }, key.companyId, { phone: phoneOf(text), reason });
      if (isDryRun) return (await isListed(key, stored.phoneDigest)) ? 'there already' : 'added';
      return capped(key, 'to change the list', () =>
        additions.add(key.companyId, { ...stored, source: 'api' }),
      );
    },
    async remove(key, text, isDryRun) {
      // The list holds for campaigns that the key's holder has nothing to do with.
      if (key.settings.campaigns !== undefined) {
        throw new ApiError('DNC_REMOVAL_NOT_ALLOWED', { headers: INSUFFICIENT });
      }
      const digest = digests.phone(key.companyId, phoneOf(text));
      if (isDryRun) return (await isListed(key, digest)) ? 'removed' : 'not there';
      const removed = await capped(key, 'to change the list', () =>
        allowPhones(database, key.companyId, [digest]),
      );
      return removed > 0 ? 'removed' : 'not there';
    },
    check: async (key, text) => isListed(key, digests.phone(key.companyId, phoneOf(text))),
  };
}

function phoneOf(text: string): string {
  const reading = normalisePhone(text);
  if (reading.ok) return reading.phone;
  throw invalidPhone('phone', reading.reason);
}
