import type { Role } from '@live-feed/core/directory/role';
import { newId } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { ms } from '../leads/sql/lead-times.ts';

/** Who is signed in to the console. All times are of the database's clock. */

export interface SessionLimits {
  /** A session that is not used for so long ends. */
  readonly idleMs: number;
  /** A session ends after so long, however much it is used. */
  readonly lifeMs: number;
  /** Of one person; a new one ends the one that was used least recently. */
  readonly most: number;
}

/** A person with a session. */
export interface SignedIn {
  readonly sessionId: string;
  readonly personId: string;
  readonly name: string;
  readonly role: Role;
  /** The only company that the person may see; null: all. */
  readonly companyId: string | null;
}

export interface NewSession {
  readonly personId: string;
  /** Of the token, SHA-256 in lower-case hex. */
  readonly digest: string;
  readonly address: string;
  readonly browser: string;
}

/** Also removes everybody's sessions that have ended, so that the table is bounded. */
export async function beginSession(
  database: Database,
  { personId, digest, address, browser }: NewSession,
  { idleMs, lifeMs, most }: SessionLimits,
): Promise<void> {
  await database.$transaction([
    database.$executeRaw`DELETE FROM sessions WHERE ends_at < now() OR last_seen_at < now() - ${ms(idleMs)}`,
    database.$executeRaw`
      DELETE FROM sessions WHERE id IN (
        SELECT id FROM sessions WHERE person_id = ${personId}::uuid ORDER BY last_seen_at DESC, id DESC OFFSET ${most - 1}
      )`,
    database.$executeRaw`
      INSERT INTO sessions (id, digest, person_id, ends_at, address, browser)
      VALUES (${newId()}::uuid, ${digest}, ${personId}::uuid, now() + ${ms(lifeMs)}, ${address}, ${browser})`,
    database.$executeRaw`UPDATE people SET signed_in_at = now() WHERE id = ${personId}::uuid`,
  ]);
}

/** How exactly it is known when a session was used last, so that not every request writes. */
const SEEN_EVERY_MS = 60_000;

/** @returns undefined if there is no such session, it has ended, or its person is disabled */
export async function findSession(
  database: Database,
  digest: string,
  { idleMs }: Pick<SessionLimits, 'idleMs'>,
): Promise<SignedIn | undefined> {
  const [found] = await database.$queryRaw<(SignedIn & { readonly stale: boolean })[]>`
    SELECT sessions.id AS "sessionId", people.id AS "personId", name, role, company_id AS "companyId",
      last_seen_at < now() - ${ms(SEEN_EVERY_MS)} AS stale
    FROM sessions JOIN people ON people.id = person_id
    WHERE digest = ${digest} AND ends_at > now() AND last_seen_at > now() - ${ms(idleMs)} AND disabled_at IS NULL`;
  if (found === undefined) return undefined;
  const { stale, ...signedIn } = found;
  if (stale)
    await database.$executeRaw`UPDATE sessions SET last_seen_at = now() WHERE id = ${signedIn.sessionId}::uuid`;
  return signedIn;
}

/** Those of the sessions that have not ended, with the only company that each reaches; null: all. Does not count as using them. */
export async function goingOn(
  database: Database,
  sessionIds: readonly string[],
  { idleMs }: Pick<SessionLimits, 'idleMs'>,
): Promise<Map<string, string | null>> {
  const rows = await database.$queryRaw<{ id: string; companyId: string | null }[]>`
    SELECT sessions.id, company_id AS "companyId" FROM sessions JOIN people ON people.id = person_id
    WHERE sessions.id = ANY(${[...sessionIds]}::uuid[]) AND ends_at > now() AND last_seen_at > now() - ${ms(idleMs)} AND disabled_at IS NULL`;
  return new Map(rows.map(({ id, companyId }) => [id, companyId]));
}

export interface SessionRecord {
  readonly id: string;
  readonly createdAt: Date;
  /** To the minute or so. */
  readonly lastSeenAt: Date;
  readonly endsAt: Date;
  /** Where the person signed in: the address, and the browser in short. */
  readonly address: string;
  readonly browser: string;
}

/** Of one person, the one that was used last first. */
export async function listSessions(database: Database, personId: string): Promise<SessionRecord[]> {
  return database.session.findMany({
    where: { personId },
    omit: { digest: true, personId: true },
    orderBy: [{ lastSeenAt: 'desc' }, { id: 'desc' }],
  });
}

/** Ends those of one person: `only` one, or all `except` one. @returns how many */
export async function endSessions(
  database: Database,
  personId: string,
  { only, except }: { readonly only?: string | undefined; readonly except?: string | undefined },
): Promise<number> {
  const which = [
    ...(only === undefined ? [] : [{ id: only }]),
    ...(except === undefined ? [] : [{ id: { not: except } }]),
  ];
  const { count } = await database.session.deleteMany({ where: { personId, AND: which } });
  return count;
}

export async function endSession(database: Database, sessionId: string): Promise<void> {
  await database.session.deleteMany({ where: { id: sessionId } });
}
