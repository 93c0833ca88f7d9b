import { newId } from '@live-feed/core/ids';
import { normalisePhone } from '@live-feed/core/phone';
import type { Database } from './client.ts';

/** A row of a file of ANIs, as it was read. */
export interface AniRow {
  /** Where it is in the file, for people. */
  readonly line: number;
  readonly phone: string;
  /** Null: the company's from now on. Left out: what it was. */
  readonly dailyCap?: number | null | undefined;
  /** Campaigns, by the dialing system's ids, whose pools it is put into. It stays in those that it is in. */
  readonly pools?: readonly string[] | undefined;
}

export interface AniRowError {
  readonly line: number;
  /** Says what is wrong, without the number. */
  readonly problem: string;
}

export interface AniImport {
  readonly added: number;
  /** Were the company's already. */
  readonly known: number;
  /** In the order of the rows; the others were imported all the same. */
  readonly errors: readonly AniRowError[];
}

interface ReadRow extends Omit<AniRow, 'pools'> {
  /** Ids of the campaigns' rows. */
  readonly pools: readonly string[];
}

/** Rows at once: so that a file of any length is written in short transactions, and uploads never wait for long. */
const BATCH = 1_000;

/** PostgreSQL's integer. */
const HIGHEST_CAP = 2 ** 31 - 1;

/**
 * Adds ANIs to a company's inventory. Doing it again changes nothing.
 *
 * @param onProgress told how many rows have been done
 */
export async function importAnis(
  database: Database,
  companyId: string,
  rows: readonly AniRow[],
  onProgress: (done: number) => void = () => undefined,
): Promise<AniImport> {
  const { good, errors } = readRows(rows, await campaignRows(database, companyId, rows));
  let added = 0;
  let known = 0;
  for (let from = 0; from < good.length; from += BATCH) {
    const batch = good.slice(from, from + BATCH);
    const written = await writeBatch(database, companyId, batch);
    added += written.added;
    known += batch.length - written.added - written.errors.length;
    errors.push(...written.errors);
    onProgress(Math.min(rows.length, from + batch.length + rows.length - good.length));
  }
  return { added, known, errors: errors.toSorted((a, b) => a.line - b.line) };
}

async function campaignRows(
  database: Database,
  companyId: string,
  rows: readonly AniRow[],
): Promise<ReadonlyMap<string, string>> {
  const named = [...new Set(rows.flatMap(({ pools }) => pools ?? []))];
  const campaigns = await database.campaign.findMany({ where: { companyId, campaignId: { in: named } } });
  return new Map(campaigns.map(({ id, campaignId }) => [campaignId, id]));
}

function readRows(
  rows: readonly AniRow[],
  campaigns: ReadonlyMap<string, string>,
): { readonly good: ReadRow[]; readonly errors: AniRowError[] } {
  const good: ReadRow[] = [];
  const errors: AniRowError[] = [];
  const firstLines = new Map<string, number>();
  for (const { line, phone: text, dailyCap, pools = [] } of rows) {
    const reading = normalisePhone(text);
    const first = reading.ok ? firstLines.get(reading.phone) : undefined;
    const unknown = pools.find((campaignId) => !campaigns.has(campaignId));
    if (!reading.ok) errors.push({ line, problem: reading.reason });
    else if (first !== undefined) errors.push({ line, problem: `The number is in line ${first} already.` });
    else if (!isCap(dailyCap))
      errors.push({ line, problem: 'The daily cap must be a whole number, 0 or more.' });
    else if (unknown !== undefined) {
      errors.push({ line, problem: `The company has no campaign ${JSON.stringify(unknown)}.` });
    } else {
      firstLines.set(reading.phone, line);
      good.push({
        line,
        phone: reading.phone,
        dailyCap,
        pools: pools.flatMap((each) => campaigns.get(each) ?? []),
      });
    }
  }
  // One order for all imports: two of the same numbers at once do not wait for each other in a circle.
  return { good: good.sort((a, b) => (a.phone < b.phone ? -1 : 1)), errors };
}

function isCap(cap: AniRow['dailyCap']): boolean {
  return cap === undefined || cap === null || (Number.isInteger(cap) && cap >= 0 && cap <= HIGHEST_CAP);
}

/** Numbers that another import adds at the same time are whoever's was first. */
async function writeBatch(
  database: Database,
  companyId: string,
  rows: readonly ReadRow[],
): Promise<{ readonly added: number; readonly errors: readonly AniRowError[] }> {
  const { count: added } = await database.ani.createMany({
    data: rows.map(({ phone, dailyCap }) => ({ id: newId(), companyId, phone, dailyCap: dailyCap ?? null })),
    skipDuplicates: true,
  });
  const found = await database.ani.findMany({
    where: { companyId, phone: { in: rows.map(({ phone }) => phone) } },
    select: { id: true, phone: true },
  });
  const idOf = new Map(found.map(({ id, phone }) => [phone, id]));
  await setCaps(database, companyId, rows);
  await database.campaignAni.createMany({
    data: rows.flatMap(({ phone, pools }) => {
      const aniId = idOf.get(phone);
      return aniId === undefined ? [] : pools.map((campaignId) => ({ campaignId, aniId }));
    }),
    skipDuplicates: true,
  });
  const errors = rows
    .filter(({ phone }) => !idOf.has(phone))
    .map(({ line }) => ({ line, problem: 'The number belongs to another company.' }));
  return { added, errors };
}

/** ANIs are locked in one order, as uploads do it: see ani-uses.ts. */
async function setCaps(database: Database, companyId: string, rows: readonly ReadRow[]): Promise<void> {
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
