import {
  type CampaignChanges,
  type CampaignList,
  campaignChanges,
  type KnownCampaign,
} from '@live-feed/core/directory/campaign-changes';
import { type PauseKind, readCampaignPause, stands } from '@live-feed/core/directory/campaign-pause';
import { type CampaignRule, readCampaignRule } from '@live-feed/core/directory/duplicate-rule';
import { newId } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/** The campaigns of the dialing system that a company may load. Leads name them by the dialing system's ids. */

export interface CampaignRecord extends KnownCampaign {
  /** Null: its company's rule applies. */
  readonly duplicates: CampaignRule;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
  /** What people here call it; null: as the dialing system does. */
  readonly ownName: string | null;
  /** Null: it is not paused now. */
  readonly pause: ShownPause | null;
}

export interface ShownPause {
  readonly kind: PauseKind;
  readonly since: Date | null;
  /** Null: until it is resumed. */
  readonly until: Date | null;
  readonly because: string | null;
}

/** By a person. Those that are known already are from then on as if they had been added so. @returns the new ones */
export async function addCampaigns(
  database: Database,
  companyId: string,
  campaignIds: readonly string[],
): Promise<string[]> {
  const added = await database.campaign.createManyAndReturn({
    data: campaignIds.map((campaignId) => ({ id: newId(), companyId, campaignId })),
    skipDuplicates: true,
    select: { campaignId: true },
  });
  await database.campaign.updateMany({
    where: { companyId, campaignId: { in: [...campaignIds] } },
    data: { byHand: true, endedAt: null },
  });
  return added.map(({ campaignId }) => campaignId);
}

/** @returns whether the company has the campaign */
export async function setCampaignDuplicates(
  database: Database,
  companyId: string,
  campaignId: string,
  rule: CampaignRule,
): Promise<boolean> {
  const { count } = await database.campaign.updateMany({
    where: { companyId, campaignId },
    data: { duplicates: rule ?? Prisma.DbNull },
  });
  return count > 0;
}

/** Ordered by the dialing system's ids. */
export async function listCampaigns(
  database: Pick<Database, 'campaign' | '$queryRaw'>,
  companyId: string,
): Promise<CampaignRecord[]> {
  const rows = await database.campaign.findMany({
    where: { companyId },
    select: {
      ...{ campaignId: true, name: true, dialGroup: true, byHand: true, endedAt: true, createdAt: true },
      ...{ duplicates: true, ownName: true },
      ...{ paused: true, pausedAt: true, pausedUntil: true, pausedBecause: true },
    },
    orderBy: { campaignId: 'asc' },
  });
  const [clock] = await database.$queryRaw<{ now: Date }[]>`SELECT now()`;
  const nowMs = clock?.now.getTime() ?? 0;
  return rows.map(({ paused, pausedAt: since, pausedUntil: until, pausedBecause: because, ...row }) => {
    const pause = readCampaignPause(paused, until);
    return {
      ...row,
      ended: row.endedAt !== null,
      duplicates: readCampaignRule(row.duplicates),
      pause: stands(pause, nowMs) ? { kind: pause.kind, since, until, because } : null,
    };
  });
}

/** @param name null: as the dialing system calls it @returns whether the company has the campaign */
export async function renameCampaign(
  database: Database,
  companyId: string,
  campaignId: string,
  name: string | null,
): Promise<boolean> {
  const { count } = await database.campaign.updateMany({
    where: { companyId, campaignId },
    data: { ownName: name },
  });
  return count > 0;
}

/** What still needs a campaign. */
export interface CampaignUses {
  /** Leads that may still be sent, or that a person has to decide about. */
  readonly leads: number;
  /** ANIs of its pool. */
  readonly anis: number;
  /** Labels or last characters of keys that are limited to it, or have it as their default. */
  readonly keys: readonly string[];
}

/**
 * Removes a campaign that nothing needs any more. Leads that have ended keep its id.
 *
 * @returns what needs it, in which case it stays; undefined if the company has no such campaign
 */
export async function removeCampaign(
  database: Database,
  companyId: string,
  campaignId: string,
): Promise<CampaignUses | undefined> {
  return database.$transaction(async (transaction) => {
    // Locked, so that nothing comes to need it in between.
    const [row] = await transaction.$queryRaw<{ id: string }[]>`
      SELECT id FROM campaigns WHERE company_id = ${companyId}::uuid AND campaign_id = ${campaignId} FOR UPDATE`;
    if (row === undefined) return undefined;
    const [found] = await transaction.$queryRaw<{ leads: number; anis: number; keys: string[] }[]>`
      SELECT
        (SELECT count(*)::int FROM leads WHERE company_id = ${companyId}::uuid AND campaign_id = ${campaignId}
          AND state IN ('QUEUED', 'SENDING', 'UNKNOWN', 'PARKED')) AS leads,
        (SELECT count(*)::int FROM campaign_anis WHERE campaign_id = ${row.id}::uuid) AS anis,
        ARRAY(SELECT COALESCE(settings->>'label', hint) FROM api_keys WHERE company_id = ${companyId}::uuid AND active
          AND (settings->'campaigns' ? ${campaignId} OR settings->>'defaultCampaign' = ${campaignId})) AS keys`;
    const uses = found ?? { leads: 0, anis: 0, keys: [] };
    if (uses.leads + uses.anis + uses.keys.length === 0) {
      await transaction.campaign.delete({ where: { id: row.id } });
    }
    return uses;
  }, PATIENCE);
}

/** The account that a list was read from, and when, on the database's clock. */
export interface ListOrigin {
  readonly companyId: string;
  readonly dialerId: string;
  readonly baseUrl: string;
  readonly accountId: string;
  readonly beganAt: Date;
}

/** Many rows, on a busy machine. */
const PATIENCE = { maxWait: 5_000, timeout: 30_000 } as const;

/**
 * Takes over what a list says. Of two lists, whichever is saved first, the one that was begun later decides.
 *
 * @returns undefined, and nothing is changed, if the dialer has another account by now
 */
export async function saveCampaignList(
  database: Database,
  { companyId, dialerId, baseUrl, accountId, beganAt }: ListOrigin,
  list: CampaignList,
): Promise<CampaignChanges | undefined> {
  return database.$transaction(async (transaction) => {
    // Locked, so that lists of one dialer are saved one after the other.
    const same = await transaction.$queryRaw<unknown[]>`
      SELECT id FROM dialers WHERE id = ${dialerId}::uuid AND base_url = ${baseUrl} AND account_id = ${accountId}
      FOR NO KEY UPDATE`;
    if (same.length === 0) return undefined;
    const changes = campaignChanges(await listCampaigns(transaction, companyId), list);
    const { campaigns } = list;
    await transaction.$executeRaw`
      INSERT INTO campaigns (id, company_id, campaign_id, name, dial_group, by_hand, listed_at)
      SELECT listed.id, ${companyId}::uuid, campaign_id, name, dial_group, false, ${beganAt}
      FROM unnest(${campaigns.map(() => newId())}::uuid[], ${campaigns.map(({ campaignId }) => campaignId)}::text[],
        ${campaigns.map(({ name }) => name)}::text[], ${campaigns.map(({ dialGroup }) => dialGroup)}::text[])
        AS listed (id, campaign_id, name, dial_group)
      ON CONFLICT (company_id, campaign_id) DO UPDATE
      SET name = excluded.name, dial_group = excluded.dial_group, listed_at = excluded.listed_at, ended_at = NULL
      WHERE (campaigns.listed_at IS NULL OR campaigns.listed_at < excluded.listed_at)
        AND (campaigns.ended_at IS NULL OR campaigns.ended_at < excluded.listed_at)`;
    await transaction.$executeRaw`
      UPDATE campaigns SET ended_at = ${beganAt}
      WHERE company_id = ${companyId}::uuid AND campaign_id = ANY(${[...changes.ended]}::text[])
        AND NOT by_hand AND ended_at IS NULL AND (listed_at IS NULL OR listed_at < ${beganAt})`;
    return changes;
  }, PATIENCE);
}
