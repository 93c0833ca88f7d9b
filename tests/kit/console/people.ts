import type { buildConsole } from '@live-feed/console/console';
import type { Role } from '@live-feed/core/directory/role';
import type { Database } from '@live-feed/database/connection/client';
import { addPerson } from '@live-feed/database/people/people';
import { createPasswords } from '@live-feed/operations/credentials/passwords';

export type Console = Awaited<ReturnType<typeof buildConsole>>;

/** As in production, at the least cost. */
export const quickPasswords = createPasswords({ memoryKib: 8, passes: 1 });

export interface TestPerson {
  readonly name: string;
  readonly password: string;
}

/** Somebody who may sign in. @param companyId the only company that they may see; null: all */
export async function addTestPerson(
  database: Database,
  { name, password }: TestPerson,
  role: Role,
  companyId: string | null = null,
): Promise<string> {
  const passwordHash = await quickPasswords.hash(password);
  const id = await addPerson(database, { name, passwordHash, role, companyId });
  if (id === undefined) throw new Error(`There is a person "${name}" already.`);
  return id;
}

/** The body and the headers of a sign-in, as a browser's form sends them. */
export function signInForm({ name, password }: TestPerson, to = '') {
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' },
    payload: new URLSearchParams({ name, password, to }).toString(),
  };
}

/** Signs in. @returns the header with which requests are this person's */
export async function signIn(
  console: Console,
  person: TestPerson,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly cookie: string }> {
  const form = signInForm(person);
  const response = await console.inject({
    method: 'POST',
    url: '/sign-in',
    headers: { ...form.headers, ...headers },
    payload: form.payload,
  });
  const session = response.cookies.find(({ name }) => name.endsWith('live-feed-session'));
  if (session === undefined) throw new Error(`The console answered ${response.statusCode}: ${response.body}`);
  return { cookie: `${session.name}=${session.value}` };
}
