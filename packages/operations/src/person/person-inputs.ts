import { findPerson, type PersonRecord } from '@live-feed/database/people/people';
import { z } from 'zod';
import { MAX_PASSWORD_LENGTH, weaknessOf } from '../credentials/password-weakness.ts';
import { secret } from '../inputs/masked-input.ts';
import { Refusal } from '../refusal.ts';
import type { Resources } from '../resources.ts';

export const personInput = z
  .string()
  .trim()
  .min(1)
  .max(320)
  .describe('user name or e-mail address, or the id');

export const passwordInput = secret(
  z
    .string()
    .max(MAX_PASSWORD_LENGTH)
    .superRefine((given, context) => {
      const message = weaknessOf(given);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    }),
);

/** @throws Refusal if there is nobody of that name or id */
export async function thePerson(
  { database }: Pick<Resources, 'database'>,
  nameOrId: string,
): Promise<PersonRecord> {
  const person = await findPerson(database, nameOrId);
  if (person !== undefined) return person;
  throw new Refusal(`There is nobody named "${nameOrId}".`, {
    kind: 'not_found',
    see: { operation: 'person.list' },
  });
}
