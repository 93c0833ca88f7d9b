import { ROLES } from '@live-feed/core/directory/role';
import {
  addPerson,
  changeStanding,
  listPeople,
  type PersonRecord,
  type Standing,
} from '@live-feed/database/people/people';
import { z } from 'zod';
import { companyInput } from '../inputs/inputs.ts';
import { ofInstallation, onlyCompany } from '../operation.ts';
import { Refusal } from '../refusal.ts';
import type { Resources } from '../resources.ts';
import { passwordInput, personInput, thePerson } from './person-inputs.ts';

/** Who may sign in to the console. They are managed by admins of all companies. */

const roleInput = z.enum(ROLES).describe('viewer looks, operator runs what is there, admin does everything');
export const personList = ofInstallation({
  name: 'person.list',
  summary: 'lists who may sign in to the console',
  role: 'admin',
  route: 'GET /people',
  input: z.object({}),
  run: async ({ database }) => ({ people: await listPeople(database) }),
});

export const personAdd = ofInstallation({
  name: 'person.add',
  summary: 'adds somebody who may sign in to the console',
  role: 'admin',
  route: 'POST /people',
  input: z.object({
    name: z
      .string()
      .trim()
      .regex(/^[^\s/?#]{1,320}$/, 'Expected a user name or an e-mail address, without spaces.')
      .describe('user name, or the e-mail address that the provider of OpenID Connect knows'),
    role: roleInput,
    company: companyInput.optional().describe('the only company that they may see; all if left out'),
    password: passwordInput.optional().describe('left out: they sign in with OpenID Connect'),
  }),
  async run({ database, passwords, record }, { name, role, company: named, password }) {
    const companyId = await idOf({ database }, named ?? null);
    const passwordHash = password === undefined ? null : await passwords.hash(password);
    const id = await addPerson(database, { name, role, passwordHash, companyId });
    if (id === undefined) {
      throw new Refusal(`There is somebody named "${name}" already.`, { see: { operation: 'person.list' } });
    }
    const person = await thePerson({ database }, id);
    record({ target: person.name, after: standingOf(person) });
    return { person };
  },
});

export const personSet = ofInstallation({
  name: 'person.set',
  summary: 'changes what somebody may do at the console, and for which company',
  role: 'admin',
  route: 'PATCH /people/:person',
  input: z.object({
    person: personInput,
    role: roleInput.optional(),
    company: companyInput.nullable().optional().describe('the only company that they may see; null: all'),
  }),
  async run(context, { person: named, role, company: companyName }) {
    const person = await thePerson(context, named);
    const companyId = companyName === undefined ? person.companyId : await idOf(context, companyName);
    await stand(context, person, {
      role: role ?? person.role,
      companyId,
      disabled: person.disabledAt !== null,
    });
    const after = await thePerson(context, person.id);
    context.record({ target: person.name, before: standingOf(person), after: standingOf(after) });
    return { person: after };
  },
});

export const personDisable = ofInstallation({
  name: 'person.disable',
  summary: 'keeps somebody from signing in, and ends their sessions',
  role: 'admin',
  route: 'POST /people/:person/disable',
  input: z.object({ person: personInput }),
  async run(context, { person: named }) {
    const person = await thePerson(context, named);
    await stand(context, person, { ...person, disabled: true });
    context.record({ target: person.name, before: standingOf(person), after: { disabled: true } });
    return { person: await thePerson(context, person.id) };
  },
});

export const personEnable = ofInstallation({
  name: 'person.enable',
  summary: 'lets somebody sign in again',
  role: 'admin',
  route: 'POST /people/:person/enable',
  input: z.object({ person: personInput }),
  async run(context, { person: named }) {
    const person = await thePerson(context, named);
    await stand(context, person, { ...person, disabled: false });
    context.record({ target: person.name, before: standingOf(person), after: { disabled: false } });
    return { person: await thePerson(context, person.id) };
  },
});

export const personRemove = ofInstallation({
  name: 'person.remove',
  summary: 'removes somebody, with their sessions; the audit log keeps their name',
  role: 'admin',
  route: 'DELETE /people/:person',
  input: z.object({ person: personInput }),
  async run(context, { person: named }) {
    const person = await thePerson(context, named);
    await stand(context, person, null);
    context.record({ target: person.name, before: standingOf(person) });
    return { removed: person.name };
  },
});

/** @throws Refusal if nobody could manage people afterwards */
async function stand(
  { database }: Pick<Resources, 'database'>,
  person: PersonRecord,
  standing: Standing | null,
): Promise<void> {
  if ((await changeStanding(database, person.id, standing)) === 'changed') return;
  throw new Refusal(`"${person.name}" is the last admin of all companies. Make somebody else one first.`, {
    see: { operation: 'person.set', to: 'Make somebody else an admin' },
  });
}

/** @param company null: all */
async function idOf(context: Pick<Resources, 'database'>, company: string | null): Promise<string | null> {
  return company === null ? null : ((await onlyCompany(context, company, undefined)) ?? null);
}

function standingOf({ role, company, disabledAt }: PersonRecord) {
  return { role, company: company ?? 'all', disabled: disabledAt !== null };
}
