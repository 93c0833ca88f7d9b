import type { PersonRecord } from '@live-feed/database/people/people';
import { personSessions } from '@live-feed/operations/person/own-account';
import { personList } from '@live-feed/operations/person/people';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { type Report, table } from '../terminal/report.ts';

export async function listPeople(session: Session): Promise<Report> {
  const { people } = await session.perform(personList, {});
  return {
    text: table(
      ['name', 'role', 'company', 'password', 'one-time codes', 'state', 'last sign-in', 'id'],
      people.map(({ name, role, company, hasPassword, hasTotp, disabledAt, signedInAt, id }) => [
        ...[name, role, company ?? 'all', hasPassword, hasTotp],
        ...[disabledAt === null ? 'active' : 'disabled', signedInAt, id],
      ]),
      `There is nobody yet. Add somebody: ${hint`person add --help`}`,
    ),
    data: people,
  };
}

export async function listSessions(session: Session, name: string): Promise<Report> {
  const { person, sessions } = await session.perform(personSessions, { person: name });
  return {
    text: table(
      ['id', 'browser', 'from', 'since', 'last used', 'ends'],
      sessions.map(({ id, browser, address, createdAt, lastSeenAt, endsAt }) => [
        ...[id, browser, address, createdAt, lastSeenAt, endsAt],
      ]),
      `${person.name} is signed in nowhere.`,
    ),
    data: sessions,
  };
}

/** "jo@example.com is operator for all companies." */
export function describePerson({ name, role, company, disabledAt }: PersonRecord): string {
  const where = company === null ? 'all companies' : `"${company}" only`;
  return `${name} is ${role} for ${where}${disabledAt === null ? '' : ', and disabled'}.`;
}
