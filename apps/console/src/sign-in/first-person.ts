import type { Database } from '@live-feed/database/connection/client';
import { addPerson, hasPeople } from '@live-feed/database/people/people';
import type { Passwords } from '@live-feed/operations/credentials/passwords';
import type { Logger } from '@live-feed/runtime/logging/logger';

export interface FirstPerson {
  readonly name: string;
  readonly password: string;
}

/** Adds an admin if there are no people yet; otherwise nobody could add any. Several consoles may do so at once. */
export async function addFirstPerson(
  first: FirstPerson | undefined,
  tools: { readonly database: Database; readonly passwords: Passwords; readonly logger: Logger },
): Promise<void> {
  const { database, passwords, logger } = tools;
  if (await hasPeople(database)) return;
  if (first === undefined) {
    logger.warn('nobody can sign in yet: set CONSOLE_PASSWORD, or add a person with the command line');
    return;
  }
  const passwordHash = await passwords.hash(first.password);
  const added = await addPerson(database, { name: first.name, passwordHash, role: 'admin', companyId: null });
  if (added !== undefined) logger.info('the first person was added: CONSOLE_USER, an admin');
}
