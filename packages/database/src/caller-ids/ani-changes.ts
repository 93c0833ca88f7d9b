import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/**
 * Changes to some of a company's ANIs, a few thousand at a time at most. ANIs are locked in the same order as uploads lock them (see
 * ani-uses.ts), so that neither waits for the other in a circle. Phones have 10 digits.
 */

/** PostgreSQL's integer. */
export const HIGHEST_CAP = 2 ** 31 - 1;

/** They are not assigned until they are activated. @returns those that the company has */
export async function pauseAnis(
  database: Database,
  companyId: string,
  phones: readonly string[],
): Promise<string[]> {
  return change(database, companyId, phones, Prisma.sql`status = 'PAUSED'`);
}

/** Also ends a cool-down. @returns those that the company has */
export async function activateAnis(
  database: Database,
  companyId: string,
  phones: readonly string[],
): Promise<string[]> {
  return change(database, companyId, phones, Prisma.sql`status = 'ACTIVE', cooling_until = NULL`);
}

/** For ANIs that were labelled as spam, for example: they cool down for that long. @returns those that the company has */
export async function flagAnis(
  database: Database,
  companyId: string,
  phones: readonly string[],
  forMs: number,
): Promise<string[]> {
  const until = Prisma.sql`now() + ${forMs}::float8 * interval '1 millisecond'`;
  return change(database, companyId, phones, Prisma.sql`flagged_at = now(), cooling_until = ${until}`);
}

/** @param cap null: the company's applies @returns those that the company has */
export async function capAnis(
  database: Database,
  companyId: string,
  phones: readonly string[],
  cap: number | null,
): Promise<string[]> {
  return change(database, companyId, phones, Prisma.sql`daily_cap = ${cap}::int`);
}

async function change(
  database: Database,
  companyId: string,
  phones: readonly string[],
  values: Prisma.Sql,
): Promise<string[]> {
  const rows = await database.$queryRaw<{ phone: string }[]>`
    WITH target AS (${lockedAnis(companyId, phones, Prisma.sql`NO KEY UPDATE`)})
    UPDATE anis SET ${values} FROM target WHERE anis.id = target.id RETURNING anis.phone`;
  return rows.map(({ phone }) => phone).sort();
}

function lockedAnis(companyId: string, phones: readonly string[], lock: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    SELECT id, phone FROM anis WHERE company_id = ${companyId}::uuid AND phone = ANY(${[...phones]}::char(10)[])
    ORDER BY id FOR ${lock}`;
}

/** A cap for each; undefined leaves it. */
export async function setCaps(
  database: Database,
  companyId: string,
  rows: readonly { readonly phone: string; readonly dailyCap?: number | null | undefined }[],
): Promise<void> {
  const caps = rows.filter(({ dailyCap }) => dailyCap !== undefined);
  if (caps.length === 0) return;
  const input = JSON.stringify(caps.map(({ phone, dailyCap }) => ({ phone, cap: dailyCap })));
  await database.$executeRaw`
    WITH target AS (
      SELECT anis.id, cap FROM anis JOIN jsonb_to_recordset(${input}::jsonb) AS input(phone char(10), cap int) USING (phone)
      WHERE company_id = ${companyId}::uuid AND daily_cap IS DISTINCT FROM cap
      ORDER BY anis.id FOR NO KEY UPDATE OF anis
    )
    UPDATE anis SET daily_cap = cap FROM target WHERE anis.id = target.id`;
}

/** A person waits for it. */
const PATIENCE = { maxWait: 15_000, timeout: 15_000 } as const;

/** With their places in pools. What is under way with them goes on. @returns those that the company had */
export async function removeAnis(
  database: Database,
  companyId: string,
  phones: readonly string[],
): Promise<string[]> {
  return database.$transaction(async (transaction) => {
    const found = await transaction.$queryRaw<{ id: string; phone: string }[]>(
      lockedAnis(companyId, phones, Prisma.sql`UPDATE`),
    );
    const ids = found.map(({ id }) => id);
    await transaction.campaignAni.deleteMany({ where: { aniId: { in: ids } } });
    await transaction.ani.deleteMany({ where: { id: { in: ids } } });
    return found.map(({ phone }) => phone).sort();
  }, PATIENCE);
}

export interface PoolChange {
  /** Numbers of the company that are in the pool now, and were not before. */
  readonly added: readonly string[];
  /** Numbers that were in it, and are not any more. */
  readonly removed: readonly string[];
  /** How many are in it now; 0: the campaign has no pool, and its leads get any of the company's ANIs. */
  readonly size: number;
}

/**
 * Puts ANIs into the pool of a campaign and takes others out, together.
 *
 * @param campaignId the dialing system's id
 * @returns undefined if the company has no such campaign
 */
export async function changePool(
  database: Database,
  companyId: string,
  campaignId: string,
  { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Promise<PoolChange | undefined> {
  const campaign = await database.campaign.findUnique({
    where: { companyId_campaignId: { companyId, campaignId } },
    select: { id: true },
  });
  if (campaign === null) return undefined;
  return database.$transaction(async (transaction) => {
    const pool = Prisma.sql`${campaign.id}::uuid`;
    const added = await transaction.$queryRaw<{ phone: string }[]>`
      WITH own AS (${lockedAnis(companyId, add, Prisma.sql`KEY SHARE`)}),
      added AS (
        INSERT INTO campaign_anis (campaign_id, ani_id) SELECT ${pool}, id FROM own ON CONFLICT DO NOTHING RETURNING ani_id
      )
      SELECT phone FROM own JOIN added ON added.ani_id = own.id ORDER BY phone`;
    const removed = await transaction.$queryRaw<{ phone: string }[]>`
      WITH removed AS (
        DELETE FROM campaign_anis USING anis
        WHERE campaign_id = ${pool} AND anis.id = ani_id AND phone = ANY(${[...remove]}::char(10)[]) RETURNING phone
      )
      SELECT phone FROM removed ORDER BY phone`;
    const size = await transaction.campaignAni.count({ where: { campaignId: campaign.id } });
    return { added: added.map(({ phone }) => phone), removed: removed.map(({ phone }) => phone), size };
  }, PATIENCE);
}
