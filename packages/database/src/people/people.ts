import type { Role } from '@live-feed/core/directory/role';
import { newId } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';

/** Who may sign in to the console. */

/** A name as it is stored and compared: people write it in any case. */
export function personName(given: string): string {
  return given.trim().normalize('NFC').toLowerCase();
}

/** What a sign-in looks at. */
export interface Credentials {
  readonly id: string;
  readonly name: string;
  /** Argon2id; null: this person has no password. */
  readonly passwordHash: string | null;
  /** Sealed; null: no one-time code is asked for. */
  readonly totpSecret: string | null;
}

const CREDENTIALS = { id: true, name: true, passwordHash: true, totpSecret: true } as const;

/**
 * @param person a name, or `{ id }`
 * @returns undefined if there is nobody of that name, or the person is disabled
 */
export async function findCredentials(
  database: Database,
  person: string | { readonly id: string },
): Promise<Credentials | undefined> {
  const which = typeof person === 'string' ? { name: personName(person) } : person;
  const found = await database.person.findFirst({
    where: { ...which, disabledAt: null },
    select: CREDENTIALS,
  });
  return found ?? undefined;
}

export interface PersonRecord {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** The only company that the person may see; null: all. */
  readonly companyId: string | null;
  readonly company: string | null;
  readonly hasPassword: boolean;
  /** Whether one-time codes are asked for. */
  readonly hasTotp: boolean;
  readonly disabledAt: Date | null;
  readonly signedInAt: Date | null;
  readonly createdAt: Date;
}

const RECORD = {
  ...CREDENTIALS,
  ...{ role: true, companyId: true, disabledAt: true, signedInAt: true, createdAt: true },
  company: { select: { name: true } },
} as const;

/** By name. There are as many as an operator has colleagues and clients. */
export async function listPeople(database: Database): Promise<PersonRecord[]> {
  const rows = await database.person.findMany({ select: RECORD, orderBy: { name: 'asc' }, take: 10_000 });
  return rows.map(recordOf);
}

/** @param nameOrId in any case */
export async function findPerson(database: Database, nameOrId: string): Promise<PersonRecord | undefined> {
  const name = personName(nameOrId);
  const row = await database.person.findFirst({
    where: isUuid(name) ? { OR: [{ id: name }, { name }] } : { name },
    select: RECORD,
  });
  return row === null ? undefined : recordOf(row);
}

function recordOf({
  passwordHash,
  totpSecret,
  company,
  role,
  ...row
}: Omit<PersonRecord, 'hasPassword' | 'hasTotp' | 'company' | 'role'> & {
  readonly role: string;
  readonly passwordHash: string | null;
  readonly totpSecret: string | null;
  readonly company: { readonly name: string } | null;
}): PersonRecord {
  return {
    ...row,
    // A constraint of the table permits no other.
    role: role as Role,
    company: company?.name ?? null,
    hasPassword: passwordHash !== null,
    hasTotp: totpSecret !== null,
  };
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

export interface NewPerson {
  readonly name: string;
  readonly passwordHash: string | null;
  readonly role: Role;
  /** Null: the person may see all companies. */
  readonly companyId: string | null;
}

/** @returns its id; undefined if there is somebody of that name */
export async function addPerson(database: Database, person: NewPerson): Promise<string | undefined> {
  const id = newId();
  const data = { ...person, id, name: personName(person.name) };
  const { count } = await database.person.createMany({ data: [data], skipDuplicates: true });
  return count === 0 ? undefined : id;
}

export async function hasPeople(database: Database): Promise<boolean> {
  return (await database.person.findFirst({ select: { id: true } })) !== null;
}

/** What decides whether somebody can manage people. */
export interface Standing {
  readonly role: Role;
  readonly companyId: string | null;
  readonly disabled: boolean;
}

/**
 * Changes what a person may do; null removes the person. Their sessions see it at the next request; those of somebody who is disabled or
 * removed end.
 *
 * @returns `last_admin` if nobody would be left who can manage people: nothing was changed then
 */
export async function changeStanding(
  database: Database,
  personId: string,
  standing: Standing | null,
): Promise<'changed' | 'last_admin'> {
  return database.$transaction(async (transaction) => {
    // Locked in one order, so that two admins who remove one another do not both succeed, nor wait for each other.
    const admins = await transaction.$queryRaw<{ id: string }[]>`
      SELECT id FROM people WHERE role = 'admin' AND company_id IS NULL AND disabled_at IS NULL ORDER BY id FOR UPDATE`;
    const stays =
      standing !== null && standing.role === 'admin' && standing.companyId === null && !standing.disabled;
    if (!stays && admins.length > 0 && admins.every(({ id }) => id === personId)) return 'last_admin';
    if (standing === null) {
      await transaction.person.deleteMany({ where: { id: personId } });
      return 'changed';
    }
    const { role, companyId, disabled } = standing;
    await transaction.$executeRaw`
      UPDATE people SET role = ${role}, company_id = ${companyId}::uuid,
        disabled_at = CASE WHEN ${disabled}::boolean THEN COALESCE(disabled_at, now()) END
      WHERE id = ${personId}::uuid`;
    if (disabled) await transaction.session.deleteMany({ where: { personId } });
    return 'changed';
  });
}

/** Ends the person's sessions, but for one. @param passwordHash null: the person has no password any more */
export async function setPassword(
  database: Database,
  personId: string,
  passwordHash: string | null,
  keptSessionId: string | undefined,
): Promise<void> {
  await database.$transaction([
    database.person.updateMany({ where: { id: personId }, data: { passwordHash } }),
    database.session.deleteMany({
      where: { personId, ...(keptSessionId === undefined ? {} : { id: { not: keptSessionId } }) },
    }),
  ]);
}

/** @param totpSecret sealed; null: no one-time code is asked for any more. @param usedStep of the code that proved it */
export async function setTotp(
  database: Database,
  personId: string,
  totpSecret: string | null,
  usedStep: number | null,
): Promise<void> {
  const totpUsedStep = usedStep === null ? null : BigInt(usedStep);
  await database.person.updateMany({ where: { id: personId }, data: { totpSecret, totpUsedStep } });
}

/** @returns whether the code of that time step, or a later one, was not used before: each is used once */
export async function useTotpStep(database: Database, personId: string, step: number): Promise<boolean> {
  const { count } = await database.person.updateMany({
    where: { id: personId, OR: [{ totpUsedStep: null }, { totpUsedStep: { lt: BigInt(step) } }] },
    data: { totpUsedStep: BigInt(step) },
  });
  return count > 0;
}
