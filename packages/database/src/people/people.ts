import type { Role } from '@live-feed/core/directory/role';
import { newId } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';

/** Who may sign in to the console. */

/** What a sign-in looks at. */
export interface Credentials {
  readonly id: string;
  /** Argon2id; null: this person has no password. */
  readonly passwordHash: string | null;
}

/** A name as it is stored and compared: people write it in any case. */
export function personName(given: string): string {
  return given.trim().normalize('NFC').toLowerCase();
}

/** @returns undefined if there is nobody of that name, or the person is disabled */
export async function findCredentials(database: Database, name: string): Promise<Credentials | undefined> {
  const found = await database.person.findFirst({
    where: { name: personName(name), disabledAt: null },
    select: { id: true, passwordHash: true },
  });
  return found ?? undefined;
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
