import { newId } from '@live-feed/core/ids';
import { normalisePhone } from '@live-feed/core/lead/phone';
import type { Database } from '../connection/client.ts';
import { HIGHEST_CAP, setCaps } from './ani-changes.ts';

/** A row of a file of ANIs. */
export interface AniRow {
  /** Its line in the file, for messages. */
  readonly line: number;
  readonly phone: string;
  /** Null: the company's cap. Undefined: unchanged. */
  readonly dailyCap?: number | null | undefined;
  /** The dialing system's ids of the campaigns whose pools it joins. It stays in its other pools. */
  readonly pools?: readonly string[] | undefined;
}

export interface AniRowError {
  readonly line: number;
  readonly value: string;
  readonly problem: string;
}

export interface AniImport {
  readonly added: number;
  /** Already in the inventory. */
  readonly known: number;
  /** Known ones that got another cap or pool. */
  readonly changed: number;
  /** In the order of the rows. The other rows were imported. */
  readonly errors: readonly AniRowError[];
}

interface ReadRow extends Omit<AniRow, 'pools'> {
  /** Ids of the campaigns' rows. */
  readonly pools: readonly string[];
}

/** Rows per transaction: transactions stay short, so uploads never wait long for locks. */
const BATCH = 1_000;

export interface AniImportOptions {
  /** Called with the number of rows processed so far. */
  readonly onProgress?: (done: number) => void;
  /** Only reports what would change. */
  readonly dryRun?: boolean;
}

/** Adds ANIs to a company's inventory. Safe to repeat. */
export async function importAnis(
  database: Database,
  companyId: string,
  rows: readonly AniRow[],
  { onProgress = () => undefined, dryRun = false }: AniImportOptions = {},
): Promise<AniImport> {
  const { good, errors } = readRows(rows, await campaignRows(database, companyId, rows));
  let added = 0;
  let known = 0;
  let changed = 0;
  for (let from = 0; from < good.length; from += BATCH) {
    const batch = good.slice(from, from + BATCH);
    const found = await compare(database, companyId, batch);
    const done = dryRun
      ? { added: found.added, errors: [] }
      : await writeBatch(database, companyId, found.own);
    added += done.added;
    known += found.own.length - done.added - done.errors.length;
    changed += found.changed;
    errors.push(...found.errors, ...done.errors);
    onProgress(Math.min(rows.length, from + batch.length + rows.length - good.length));
  }
  return { added, known, changed, errors: errors.toSorted((a, b) => a.line - b.line) };
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
    const wrong = (value: string, problem: string) => errors.push({ line, value, problem });
    const reading = normalisePhone(text);
    const first = reading.ok ? firstLines.get(reading.phone) : undefined;
    const unknown = pools.find((campaignId) => !campaigns.has(campaignId));
    if (!reading.ok) wrong(text, reading.reason);
    else if (first !== undefined) wrong(text, `The number is in line ${first} already.`);
    else if (!isCap(dailyCap)) wrong(String(dailyCap), 'The daily cap must be a whole number, 0 or more.');
    else if (unknown !== undefined) wrong(unknown, 'The company has no such campaign.');
    else {
      firstLines.set(reading.phone, line);
      good.push({
        line,
        phone: reading.phone,
        dailyCap,
        pools: pools.flatMap((each) => campaigns.get(each) ?? []),
      });
    }
  }
  // The same order in every import prevents deadlocks between two imports of the same numbers.
  return { good: good.sort((a, b) => (a.phone < b.phone ? -1 : 1)), errors };
}

function isCap(cap: AniRow['dailyCap']): boolean {
  return cap === undefined || cap === null || (Number.isInteger(cap) && cap >= 0 && cap <= HIGHEST_CAP);
}

interface Comparison {
  readonly added: number;
  readonly changed: number;
  /** Rows whose numbers belong to this company or to none. */
  readonly own: readonly ReadRow[];
  readonly errors: readonly AniRowError[];
}

/** What importing the rows would change. */
async function compare(database: Database, companyId: string, rows: readonly ReadRow[]): Promise<Comparison> {
  const found = await database.ani.findMany({
    where: { phone: { in: rows.map(({ phone }) => phone) } },
    select: { companyId: true, phone: true, dailyCap: true, pools: { select: { campaignId: true } } },
  });
  const known = new Map(found.map((ani) => [ani.phone, ani]));
  const isForeign = ({ phone }: ReadRow) => (known.get(phone)?.companyId ?? companyId) !== companyId;
  const own = rows.filter((row) => !isForeign(row));
  const changed = own.filter(({ phone, dailyCap, pools }) => {
    const ani = known.get(phone);
    if (ani === undefined) return false;
    const isIn = new Set(ani.pools.map(({ campaignId }) => campaignId));
    return (dailyCap !== undefined && dailyCap !== ani.dailyCap) || pools.some((each) => !isIn.has(each));
  });
  return {
    added: own.filter(({ phone }) => !known.has(phone)).length,
    changed: changed.length,
    own,
    errors: rows.filter(isForeign).map(foreign),
  };
}

const foreign = ({ line, phone }: ReadRow): AniRowError => ({
  line,
  value: phone,
  problem: 'The number belongs to another company.',
});

/** A number that another import adds at the same time belongs to that import's company. */
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
  return { added, errors: rows.filter(({ phone }) => !idOf.has(phone)).map(foreign) };
}
