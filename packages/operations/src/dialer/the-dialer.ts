import type { Database } from '@live-feed/database/connection/client';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { type DialerRecord, findDialerOf } from '@live-feed/database/directory/lookups';
import { findFamily } from '@live-feed/dialers/families';
import type { DialerFamily } from '@live-feed/dialers/family';
import { Refusal } from '../refusal.ts';

/** @throws Refusal if the company has none */
export async function theDialer(database: Database, company: CompanyRecord): Promise<DialerRecord> {
  const dialer = await findDialerOf(database, company.id);
  if (dialer !== null) return dialer;
  throw new Refusal(`"${company.name}" has no dialer.`, {
    kind: 'not_found',
    see: { operation: 'dialer.set', to: 'Give it one' },
  });
}

/** @throws Refusal if it is none of those that are served */
export function servedFamily(name: string): DialerFamily {
  const family = findFamily(name);
  if (family !== undefined) return family;
  throw new Refusal(`The live feed does not serve dialers of the family "${name}".`);
}
