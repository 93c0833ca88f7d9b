import { type DuplicateRule, readDuplicateRule } from '@live-feed/core/directory/duplicate-rule';
import { nameKey, tidyName } from '@live-feed/core/directory/name-key';
import { newId } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

export interface CompanyRecord {
  readonly id: string;
  readonly name: string;
}

export interface CompanyOverview extends CompanyRecord {
  /** Its dialer's family; null if it has no dialer. */
  readonly family: string | null;
  /** Number of valid keys. */
  readonly keys: number;
  readonly campaigns: number;
  readonly anis: number;
  readonly duplicates: DuplicateRule | null;
  /** Of the endpoint that is asked about phones; null if there is none. */
  readonly checkUrl: string | null;
  readonly createdAt: Date;
}

/** The lock for giving a company a name, so that of two names that read alike only one is given. */
const NAMING_LOCK = 1_128_353_107;

/** A person waits for it. */
const PATIENCE = { maxWait: 15_000, timeout: 15_000 } as const;

/** @returns `added: false` and the existing company, if people would read the names as the same */
export async function addCompany(
  database: Database,
  name: string,
): Promise<{ readonly added: boolean; readonly company: CompanyRecord }> {
  return database.$transaction(async (transaction) => {
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${NAMING_LOCK}::bigint)`;
    const companies = await transaction.company.findMany({ select: RECORD });
    const known = companies.find((company) => nameKey(company.name) === nameKey(name));
    if (known !== undefined) return { added: false, company: known };
    const company = { id: newId(), name: tidyName(name) };
    await transaction.company.create({ data: company });
    return { added: true, company };
  }, PATIENCE);
}

/** @returns `renamed: false` and the company that has the name, if people would read it as another's */
export async function renameCompany(
  database: Database,
  id: string,
  name: string,
): Promise<{ readonly renamed: boolean; readonly company: CompanyRecord }> {
  return database.$transaction(async (transaction) => {
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${NAMING_LOCK}::bigint)`;
    const others = await transaction.company.findMany({ where: { id: { not: id } }, select: RECORD });
    const known = others.find((company) => nameKey(company.name) === nameKey(name));
    if (known !== undefined) return { renamed: false, company: known };
    const data = { name: tidyName(name) };
    return {
      renamed: true,
      company: await transaction.company.update({ where: { id }, data, select: RECORD }),
    };
  }, PATIENCE);
}

/** By exact name, by id, by its dialer's id, or by a name that reads alike, if it is the only one. */
export async function findCompany(database: Database, nameOrId: string): Promise<CompanyRecord | null> {
  const byName = await database.company.findUnique({ where: { name: nameOrId }, select: RECORD });
  if (byName !== null) return byName;
  if (UUID.test(nameOrId)) {
    const byId = { OR: [{ id: nameOrId }, { dialer: { id: nameOrId } }] };
    const found = await database.company.findFirst({ where: byId, select: RECORD });
    if (found !== null) return found;
  }
  const key = nameKey(nameOrId);
  const alike = (await database.company.findMany({ select: RECORD })).filter(
    ({ name }) => nameKey(name) === key,
  );
  return alike.length === 1 ? (alike[0] ?? null) : null;
}

export async function companyIds(database: Database): Promise<string[]> {
  return (await database.company.findMany({ select: { id: true } })).map(({ id }) => id);
}

/** The names of these companies, by id. */
export async function companyNames(
  database: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await database.company.findMany({ where: { id: { in: [...ids] } }, select: RECORD });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** @param rule null: duplicates are not looked for */
export async function setDuplicates(
  database: Database,
  companyId: string,
  rule: DuplicateRule | null,
): Promise<void> {
  await database.company.update({
    where: { id: companyId },
    data: { duplicates: rule ?? Prisma.DbNull },
  });
}

/** Ordered by name. @param id undefined: all */
export async function listCompanies(database: Database, id?: string): Promise<CompanyOverview[]> {
  const rows = await database.company.findMany({
    ...(id === undefined ? {} : { where: { id } }),
    select: {
      ...RECORD,
      createdAt: true,
      duplicates: true,
      dialer: { select: { family: true } },
      phoneCheck: { select: { url: true } },
      _count: {
        select: {
          campaigns: true,
          anis: true,
          apiKeys: { where: { active: true, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] } },
        },
      },
    },
    orderBy: { name: 'asc' },
  });
  return rows.map(({ id, name, createdAt, duplicates, dialer, phoneCheck, _count: counts }) => ({
    id,
    name,
    family: dialer?.family ?? null,
    keys: counts.apiKeys,
    campaigns: counts.campaigns,
    anis: counts.anis,
    duplicates: readDuplicateRule(duplicates),
    checkUrl: phoneCheck?.url ?? null,
    createdAt,
  }));
}

const RECORD = { id: true, name: true } as const;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
