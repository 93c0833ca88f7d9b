import type { PauseKind } from '@live-feed/core/directory/campaign-pause';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/**
 * Campaigns that a person has paused. All times are of the database's clock.
 *
 * Pausing changes the company's `ani_turn`, so an upload whose statement began before is not begun: once `pauseCampaign` has returned, no
 * upload of the campaign begins. See `intend`.
 */

/** Of a row of `campaigns`. */
export const IS_PAUSED = Prisma.sql`(campaigns.paused IS NOT NULL AND (paused_until IS NULL OR paused_until > now()))`;

/** @param forMs null: until it is resumed @returns whether the company has the campaign */
export async function pauseCampaign(
  database: Database,
  companyId: string,
  campaignId: string,
  pause: { readonly kind: PauseKind; readonly forMs: number | null; readonly because: string | null },
): Promise<boolean> {
  const { kind, forMs, because } = pause;
  const changed = await database.$executeRaw`
    WITH paused AS (
      UPDATE campaigns SET paused = ${kind}, paused_at = now(), paused_because = ${because},
        paused_until = now() + ${forMs}::float8 * interval '1 millisecond'
      WHERE company_id = ${companyId}::uuid AND campaign_id = ${campaignId} RETURNING company_id
    )
    UPDATE companies SET ani_turn = ani_turn + 1 FROM paused WHERE companies.id = paused.company_id`;
  return changed > 0;
}

/** @returns whether it was paused */
export async function resumeCampaign(
  database: Database,
  companyId: string,
  campaignId: string,
): Promise<boolean> {
  const rows = await database.$queryRaw<{ stood: boolean }[]>`
    WITH before AS (
      SELECT id, ${IS_PAUSED} AS stood FROM campaigns WHERE company_id = ${companyId}::uuid AND campaign_id = ${campaignId} FOR UPDATE
    )
    UPDATE campaigns SET paused = NULL, paused_at = NULL, paused_until = NULL, paused_because = NULL
    FROM before WHERE campaigns.id = before.id RETURNING stood`;
  return rows[0]?.stood === true;
}

/** The paused campaigns of each dialer that has any: their ids on the dialing system. Pauses whose time is over are left out. */
export async function listPausedCampaigns(database: Database): Promise<Map<string, ReadonlySet<string>>> {
  const rows = await database.$queryRaw<{ dialerId: string; campaignIds: string[] }[]>`
    SELECT dialers.id AS "dialerId", array_agg(campaign_id) AS "campaignIds"
    FROM campaigns JOIN dialers ON dialers.company_id = campaigns.company_id
    WHERE ${IS_PAUSED}
    GROUP BY dialers.id`;
  return new Map(rows.map(({ dialerId, campaignIds }) => [dialerId, new Set(campaignIds)]));
}
