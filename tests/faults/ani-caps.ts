import type { Database } from '@live-feed/database/client';
import { simulator } from '../support/client.ts';
import type { Company } from '../support/company.ts';
import type { Ground } from './ground.ts';

/**
 * ANIs that dialing systems were told of more often in a day than their cap allows: counted there, not by what the system says that it counted.
 *
 * @returns a sentence for each; null where the schema knows no caps
 */
export async function overusedAnis(
  ground: Pick<Ground, 'database' | 'simulatorUrl'>,
  companies: readonly Company[],
): Promise<string[] | null> {
  const caps = await capsOf(ground.database, companies);
  if (caps.every(({ cap }) => cap === null)) return null;
  const overused: string[] = [];
  for (const { campaignId } of companies) {
    const uses = new Map<string, number>();
    const { leads } = await simulator(ground, `/leads?campaignId=${campaignId}&limit=10000`);
    for (const { callerId, loadedDts } of leads) {
      const { phone, zone, cap } = caps.find((ani) => ani.phone === callerId) ?? {};
      if (phone === undefined || zone === undefined || cap == null) continue;
      const day = new Date(loadedDts).toLocaleDateString('en-CA', { timeZone: zone });
      const used = (uses.get(`${phone} ${day}`) ?? 0) + 1;
      uses.set(`${phone} ${day}`, used);
      if (used === cap + 1) overused.push(`…${phone.slice(-4)} more than ${cap} times on ${day}`);
    }
  }
  return overused;
}

interface Cap {
  readonly phone: string;
  readonly cap: number | null;
  readonly zone: string;
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
