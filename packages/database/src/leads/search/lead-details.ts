import type { Database } from '../../connection/client.ts';

/** What a person wants to know of one lead, beside its record. */
export interface LeadDetails {
  /** Somebody was told that it will be delivered. */
  readonly promised: boolean;
  /** From the lead to the ANI's area code, kilometres; null where there is none to tell. */
  readonly callerIdDistanceKm: number | null;
  /** Until when its caller waited. */
  readonly deadline: Date;
  /** A promised lead that is not delivered by then is EXPIRED. */
  readonly expiresAt: Date;
  /** The lead that this one sends again, and the one that sends this one again. */
  readonly resentFrom: string | null;
  readonly resentAs: string | null;
}

/** @returns null if it is not there any more */
export async function findLeadDetails(database: Database, leadId: string): Promise<LeadDetails | null> {
  const [row] = await database.$queryRaw<LeadDetails[]>`
    SELECT promised, ani_distance_km AS "callerIdDistanceKm", deadline, expires_at AS "expiresAt", resent_from AS "resentFrom",
      (SELECT again.id FROM leads AS again WHERE again.resent_from = leads.id) AS "resentAs"
    FROM leads WHERE id = ${leadId}::uuid`;
  return row ?? null;
}

/** What unsealing leads needs. @returns in any order; those that are gone are missing */
export async function findPayloads(
  database: Database,
  ids: readonly string[],
): Promise<{ readonly id: string; readonly companyId: string; readonly payload: string }[]> {
  return database.lead.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, companyId: true, payload: true },
  });
}
