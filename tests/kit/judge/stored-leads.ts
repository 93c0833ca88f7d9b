import { simulator } from '../http/client.ts';
import type { System } from '../system/system.ts';

/** A lead as the simulator holds it. */
export interface StoredLead {
  readonly externId: string;
  readonly leadPhone: string;
  readonly callerId?: string;
  /** ISO 8601. */
  readonly loadedDts: string;
  readonly [field: string]: unknown;
}

const PAGE = 10_000;

/** All leads of the dialing systems, or of one campaign: one for every copy. */
export async function storedLeads(
  system: Pick<System, 'simulatorUrl'>,
  campaignId?: string,
): Promise<StoredLead[]> {
  const filter = campaignId === undefined ? '' : `&campaignId=${campaignId}`;
  const all: StoredLead[] = [];
  for (;;) {
    const { leads } = await simulator(system, `/leads?limit=${PAGE}&offset=${all.length}${filter}`);
    all.push(...leads);
    if (leads.length < PAGE) return all;
  }
}
