import type { Role } from '@live-feed/core/directory/role';
import { newTotpSecret, totpUri } from '@live-feed/operations/credentials/one-time-codes';
import {
  personEndSessions,
  personSetPassword,
  personTotpOff,
  personTotpOn,
} from '@live-feed/operations/person/own-account';
import {
  personAdd,
  personDisable,
  personEnable,
  personRemove,
  personSet,
} from '@live-feed/operations/person/people';
import type { Session } from '../session.ts';
import { ask } from '../terminal/question.ts';
import { count, type Report } from '../terminal/report.ts';
import { readSecret } from '../terminal/secret-input.ts';
import { describePerson } from './person-reports.ts';

export async function add(
  session: Session,
  name: string,
  {
    role,
    company,
    passwordFile,
    password: withPassword,
  }: {
    readonly role: Role;
    readonly company?: string | undefined;
    readonly passwordFile: string;
    readonly password: boolean;
  },
): Promise<Report> {
  const password = withPassword ? await readSecret(session.terminal, passwordFile, 'password') : undefined;
  const { person } = await session.perform(personAdd, { name, role, company, password });
  return { text: `Added. ${describePerson(person)}`, data: person };
}

export async function set(
  session: Session,
  name: string,
  { role, company }: { readonly role?: Role | undefined; readonly company?: string | undefined },
): Promise<Report> {
  const { person } = await session.perform(personSet, {
    ...{ person: name, role },
    company: company === 'all' ? null : company,
  });
  return { text: describePerson(person), data: person };
}

export async function newPassword(
  session: Session,
  name: string,
  { passwordFile }: { readonly passwordFile: string },
): Promise<Report> {
  const password = await readSecret(session.terminal, passwordFile, 'password');
  const { person } = await session.perform(personSetPassword, { person: name, password });
  return { text: `The password of ${person.name} is set, and their sessions have ended.`, data: person };
}

export async function disable(session: Session, name: string): Promise<Report> {
  const { person } = await session.perform(personDisable, { person: name });
  return { text: `${person.name} cannot sign in any more; their sessions have ended.`, data: person };
}

export async function enable(session: Session, name: string): Promise<Report> {
  const { person } = await session.perform(personEnable, { person: name });
  return { text: `${person.name} can sign in again.`, data: person };
}

export async function remove(session: Session, name: string): Promise<Report> {
  const { removed } = await session.perform(personRemove, { person: name });
  return { text: `${removed} was removed.`, data: { removed } };
}

export async function endSessions(
  session: Session,
  name: string,
  { session: only }: { readonly session?: string | undefined },
): Promise<Report> {
  const { person, ended } = await session.perform(personEndSessions, { person: name, session: only });
  return { text: `Ended ${count(ended, 'session')} of ${person.name}.`, data: { ended } };
}

/** Asks for a code, so that nobody is kept out by a key that no app has. */
export async function totpOn(session: Session, name: string): Promise<Report> {
  const secret = newTotpSecret();
  session.terminal.stderr.write(
    `For the authenticator app:\n\n  key      ${secret}\n  address  ${totpUri(secret, name)}\n\n`,
  );
  const code = await ask(session.terminal, {
    text: 'Code that the app shows',
    option: 'one on a terminal',
    parse: (answer) => answer,
  });
  const { person } = await session.perform(personTotpOn, { person: name, secret, code });
  return { text: `Each sign-in of ${person.name} asks for a one-time code now.`, data: person };
}

export async function totpOff(session: Session, name: string): Promise<Report> {
  const { person } = await session.perform(personTotpOff, { person: name });
  return { text: `${person.name} is asked for no one-time code any more.`, data: person };
}
