import type { Database } from '@live-feed/database/connection/client';
import type { Ground } from '../../faults/ground.ts';
import { simulator } from '../http/client.ts';
import type { Company } from '../system/company.ts';

/** How often an ANI may be assigned in a day. */
export interface Cap {
  readonly phone: string;
  /** Null: as often as anybody likes. */
  readonly cap: number | null;
  /** IANA name of where its days begin. */
  readonly zone: string;
}

/** A lead with a caller ID, as the dialing system was sent it. */
export interface Use {
  readonly callerId?: string;
  /** ISO 8601. */
  readonly loadedDts: string;
}

const PAGE = 10_000;

/**
 * ANIs that dialing systems were told of more often in a day than their cap allows: counted there, not by what the system says that it counted.
 *
 * @returns a sentence for each; null where there are no caps
 */
export async function overusedAnis(
  ground: Pick<Ground, 'database' | 'simulatorUrl'>,
  companies: readonly Company[],
): Promise<string[] | null> {
  const caps = await capsOf(ground.database, companies);
  if (caps.every(({ cap }) => cap === null)) return null;
  const uses: Use[] = [];
  for (const { campaignId } of companies) {
    const { leads } = await simulator(ground, `/leads?campaignId=${campaignId}&limit=${PAGE}`);
    uses.push(...leads);
  }
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

/** As JSON, so that it can be asked of a schema without caps. */
function capsOf(database: Database, companies: readonly Company[]): Promise<Cap[]> {
  const ids = companies.map(({ id }) => id);
  return database.$queryRaw<Cap[]>`
    SELECT anis.phone,
      COALESCE(to_jsonb(anis) ->> 'daily_cap', to_jsonb(companies) ->> 'ani_daily_cap')::int AS cap,
      COALESCE(to_jsonb(companies) ->> 'time_zone', 'UTC') AS zone
    FROM anis JOIN companies ON companies.id = anis.company_id
    WHERE company_id = ANY(${ids}::uuid[])`;
}
