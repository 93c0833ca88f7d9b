import type { Database } from '@live-feed/database/connection/client';
import type { Company } from '../system/company.ts';
import type { System } from '../system/system.ts';
import { type StoredLead, storedLeads } from './stored-leads.ts';

/** How often an ANI may be assigned in a day. */
export interface Cap {
  readonly phone: string;
  /** Null: no cap. */
  readonly cap: number | null;
  /** IANA name of where its days begin. */
  readonly zone: string;
}

type Use = Pick<StoredLead, 'callerId' | 'loadedDts'>;

/**
 * ANIs that leads were delivered with more often in a day than their cap allows, counted at the dialing systems.
 *
 * @returns a sentence for each; null if there are no caps
 */
export async function overusedAnis(
  system: Pick<System, 'database' | 'simulatorUrl'>,
  companies: readonly Company[],
): Promise<string[] | null> {
  const caps = await capsOf(system.database, companies);
  if (caps.every(({ cap }) => cap === null)) return null;
  const uses: Use[] = [];
  for (const { campaignId } of companies) uses.push(...(await storedLeads(system, campaignId)));
  return beyondCaps(caps, uses);
}

/** A sentence for each ANI and day. */
export function beyondCaps(caps: readonly Cap[], uses: readonly Use[]): string[] {
  return caps.flatMap(({ phone, cap, zone }) => {
    if (cap === null) return [];
    const days = uses
      .filter(({ callerId }) => callerId === phone)
      .map(({ loadedDts }) => new Date(loadedDts).toLocaleDateString('en-CA', { timeZone: zone }));
    return [...new Set(days)].flatMap((day) => {
      const used = days.filter((each) => each === day).length;
      return used > cap ? [`…${phone.slice(-4)}, ${used} times of ${cap} on ${day}`] : [];
    });
  });
}

/** Read as JSON, so that it works with a schema without caps, too. */
function capsOf(database: Database, companies: readonly Company[]): Promise<Cap[]> {
  const ids = companies.map(({ id }) => id);
  return database.$queryRaw<Cap[]>`
    SELECT anis.phone,
      COALESCE(to_jsonb(anis) ->> 'daily_cap', to_jsonb(companies) ->> 'ani_daily_cap')::int AS cap,
      COALESCE(to_jsonb(companies) ->> 'time_zone', 'UTC') AS zone
    FROM anis JOIN companies ON companies.id = anis.company_id
    WHERE company_id = ANY(${ids}::uuid[])`;
}
