import { newId } from '@live-feed/core/ids';
import type { Database } from './client.ts';

export interface CompanyRecord {
  readonly id: string;
  readonly name: string;
}

export interface CompanyOverview extends CompanyRecord {
  /** Of its dialer; null where it has none. */
  readonly family: string | null;
  /** Keys that open something. */
  readonly keys: number;
  readonly campaigns: number;
  readonly anis: number;
  readonly createdAt: Date;
}

/** @returns undefined if there is a company of that name already */
export async function addCompany(database: Database, name: string): Promise<CompanyRecord | undefined> {
  const company = { id: newId(), name };
  const { count } = await database.company.createMany({ data: [company], skipDuplicates: true });
  return count === 1 ? company : undefined;
}

/** By its whole name, by its id, or by its dialer's. */
export async function findCompany(database: Database, nameOrId: string): Promise<CompanyRecord | null> {
  const byName = await database.company.findUnique({ where: { name: nameOrId }, select: RECORD });
  if (byName !== null || !UUID.test(nameOrId)) return byName;
  const byId = { OR: [{ id: nameOrId }, { dialer: { id: nameOrId } }] };
  return database.company.findFirst({ where: byId, select: RECORD });
}

/** The names of these companies, by id. */
export async function companyNames(
  database: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await database.company.findMany({ where: { id: { in: [...ids] } }, select: RECORD });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** In the order of their names. */
export async function listCompanies(database: Database): Promise<CompanyOverview[]> {
  const rows = await database.company.findMany({
    select: {
      ...RECORD,
      createdAt: true,
      dialer: { select: { family: true } },
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
  return rows.map(({ id, name, createdAt, dialer, _count: counts }) => ({
    id,
    name,
    family: dialer?.family ?? null,
    keys: counts.apiKeys,
    campaigns: counts.campaigns,
    anis: counts.anis,
    createdAt,
  }));
}

const RECORD = { id: true, name: true } as const;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
