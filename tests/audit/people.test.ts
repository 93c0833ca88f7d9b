import { keyringSchema } from '@live-feed/core/crypto/secret-schemas';
import { listAuditEntries } from '@live-feed/database/audit/audit-log';
import type { Database } from '@live-feed/database/connection/client';
import { addCompany } from '@live-feed/database/directory/companies';
import { addPerson } from '@live-feed/database/people/people';
import type { Actor } from '@live-feed/operations/actor';
import { newTotpSecret } from '@live-feed/operations/credentials/one-time-codes';
import { perform } from '@live-feed/operations/perform';
import {
  personEndSessions,
  personSessions,
  personSetPassword,
  personTotpOff,
  personTotpOn,
} from '@live-feed/operations/person/own-account';
import {
  personAdd,
  personDisable,
  personEnable,
  personList,
  personRemove,
  personSet,
} from '@live-feed/operations/person/people';
import type { Resources } from '@live-feed/operations/resources';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quickPasswords } from '../kit/console/people.ts';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';

const server = useDatabase();
let database: Database;
let company: { id: string; name: string };

beforeAll(async () => {
  database = connectDatabase(server.url, 4);
  company = (await addCompany(database, 'Acme Solar')).company;
});
afterAll(() => database?.$disconnect());

const admin: Actor = {
  ...{ id: null, name: 'olga', via: 'console', from: '203.0.113.7', role: 'admin', companyId: null },
};

function as(actor: Partial<Actor> = {}) {
  const keyring = keyringSchema().parse(`k1:${Buffer.alloc(32, 7).toString('base64')}`);
  // These operations need nothing else.
  const resources = { database, keyring, passwords: quickPasswords } as unknown as Resources;
  return { actor: { ...admin, ...actor }, resources };
}

const PASSWORD = 'correct horse battery';
let added = 0;

async function newPerson(role: Actor['role'] = 'viewer') {
  added += 1;
  const name = `person-${added}@example.com`;
  return (await perform(as(), personAdd, { name, role, password: PASSWORD })).person;
}

const lastEntry = async () => (await listAuditEntries(database, { limit: 1 }))[0];

describe('people', () => {
  test('are added with a role, for all companies or one, and found by a name in any case', async () => {
    const { person } = await perform(as(), personAdd, {
      ...{ name: 'Jo@Example.com', role: 'operator', company: 'acme solar', password: PASSWORD },
    });
    expect(person).toMatchObject({ name: 'jo@example.com', role: 'operator', company: 'Acme Solar' });
    expect(await lastEntry()).toMatchObject({
      ...{ operation: 'person.add', input: { name: 'Jo@Example.com', password: '(secret)' } },
      end: { target: 'jo@example.com', after: { role: 'operator', company: 'Acme Solar', disabled: false } },
    });
    const { person: found } = await perform(as(), personSet, { person: 'JO@example.com', company: null });
    expect(found).toMatchObject({ id: person.id, role: 'operator', company: null });
    const { people } = await perform(as(), personList, {});
    expect(people.map(({ id }) => id)).toContain(person.id);
    expect(JSON.stringify(people)).not.toContain('argon2');
  });

  test.each([
    ['a name with spaces', { name: 'jo doe', role: 'viewer' }, 'without spaces'],
    ['a weak password', { name: 'weak', role: 'viewer', password: 'password1234' }, '"password"'],
    ['an unknown role', { name: 'role', role: 'owner' }, 'role'],
    ['an unknown company', { name: 'company', role: 'viewer', company: 'Nobody' }, 'no company "Nobody"'],
  ])('are not added with %s', async (_case, input, why) => {
    await expect(perform(as(), personAdd, input as never)).rejects.toThrow(why);
  });

  test('have one name each', async () => {
    const { name } = await newPerson();
    const again = perform(as(), personAdd, { name: name.toUpperCase(), role: 'viewer' });
    await expect(again).rejects.toThrow('already');
  });

  test('are managed by admins of all companies only', async () => {
    const { id } = await newPerson();
    for (const actor of [{ role: 'operator' }, { companyId: company.id }] as const) {
      await expect(perform(as(actor), personList, {})).rejects.toMatchObject({ kind: 'forbidden' });
      const change = perform(as(actor), personSet, { person: id, role: 'admin' });
      await expect(change).rejects.toMatchObject({ kind: 'forbidden' });
    }
  });

  test('who are disabled lose their sessions, and get none back when they are enabled', async () => {
    const { id } = await newPerson();
    await addSession(id);
    expect((await perform(as(), personDisable, { person: id })).person.disabledAt).toBeInstanceOf(Date);
    expect((await perform(as(), personSessions, { person: id })).sessions).toEqual([]);
    expect((await perform(as(), personEnable, { person: id })).person.disabledAt).toBeNull();
  });
});

describe('the last admin of all companies', () => {
  test('stays, whatever is tried', async () => {
    const { id, name } = await newPerson('admin');
    await perform(as(), personAdd, { name: 'of-one', role: 'admin', company: company.id });
    const disabled = await newPerson('admin');
    await perform(as(), personDisable, { person: disabled.id });
    for (const attempt of [
      () => perform(as(), personSet, { person: id, role: 'operator' }),
      () => perform(as(), personSet, { person: id, company: company.id }),
      () => perform(as(), personDisable, { person: id }),
      () => perform(as(), personRemove, { person: id }),
    ]) {
      await expect(attempt()).rejects.toThrow(`"${name}" is the last admin of all companies`);
    }
    await perform(as(), personSet, { person: id, role: 'admin', company: null });
  });

  test('is still there when two admins remove each other at the same moment', async () => {
    const ends = [];
    for (let n = 0; n < 5; n += 1) {
      await database.person.deleteMany({ where: { role: 'admin' } });
      const [one, other] = [await newPerson('admin'), await newPerson('admin')];
      const tried = await Promise.allSettled(
        [one, other].map(({ id }) => perform(as(), personRemove, { person: id })),
      );
      ends.push(tried.filter(({ status }) => status === 'fulfilled').length);
      expect(await database.person.count({ where: { role: 'admin' } })).toBe(1);
    }
    expect(ends).toEqual([1, 1, 1, 1, 1]);
  });
});

async function addSession(personId: string): Promise<string> {
  added += 1;
  const id = `00000000-0000-7000-8000-${String(added).padStart(12, '0')}`;
  await database.session.create({
    data: {
      ...{ id, personId, digest: String(added).padStart(64, '0') },
      ...{ endsAt: new Date(Date.now() + 3_600_000), address: '192.0.2.1', browser: 'Firefox on Linux' },
    },
  });
  return id;
}

describe('an account of their own', () => {
  /** Somebody without any other right. */
  async function somebody() {
    const { id } = await newPerson();
    return { id, self: as({ id, role: 'viewer', companyId: company.id }) };
  }

  test('a new password ends the other sessions', async () => {
    const { id, self } = await somebody();
    const [kept] = [await addSession(id), await addSession(id)];
    await perform(self, personSetPassword, { person: id, password: 'another horse battery', keep: kept });
    const { sessions } = await perform(self, personSessions, { person: id });
    expect(sessions.map((session) => session.id)).toEqual([kept]);
    const { passwordHash } = await database.person.findUniqueOrThrow({ where: { id } });
    expect(await quickPasswords.isRight('another horse battery', passwordHash)).toBe(true);
    expect(await lastEntry()).toMatchObject({ actorId: id, input: { password: '(secret)' } });
  });

  test('sessions are ended, one or all others, and nobody else’s', async () => {
    const { id, self } = await somebody();
    const { id: other } = await newPerson();
    const [one, two, three, ofOther] = [
      ...[await addSession(id), await addSession(id), await addSession(id)],
      await addSession(other),
    ];
    expect(await perform(self, personEndSessions, { person: id, session: ofOther ?? '' })).toMatchObject({
      ended: 0,
    });
    expect(await perform(self, personEndSessions, { person: id, session: one ?? '' })).toMatchObject({
      ended: 1,
    });
    expect(await perform(self, personEndSessions, { person: id, keep: two ?? '' })).toMatchObject({
      ended: 1,
    });
    expect(await database.session.count({ where: { id: { in: [one ?? '', two ?? '', three ?? ''] } } })).toBe(
      1,
    );
    expect(await database.session.count({ where: { personId: other } })).toBe(1);
  });

  test('one-time codes are asked for once a code proves that the app has the key, which is stored sealed', async () => {
    const { id, self } = await somebody();
    const secret = newTotpSecret();
    const wrong = perform(self, personTotpOn, { person: id, secret, code: '000 000x' });
    await expect(wrong).rejects.toThrow('The code is wrong');
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    const { person } = await perform(self, personTotpOn, { person: id, secret, code });
    expect(person.hasTotp).toBe(true);
    const row = await database.person.findUniqueOrThrow({ where: { id } });
    expect(row.totpSecret).toMatch(/^v1\.k1\./);
    expect(JSON.stringify(await listAuditEntries(database, { limit: 5 }))).not.toContain(secret);
    expect((await perform(self, personTotpOff, { person: id })).person.hasTotp).toBe(false);
  });

  test('of somebody else is nobody’s but an admin’s', async () => {
    const { self } = await somebody();
    const { id, name } = await newPerson();
    for (const person of [id, name]) {
      const attempts = [
        () => perform(self, personSessions, { person }),
        () => perform(self, personEndSessions, { person }),
        () => perform(self, personSetPassword, { person, password: 'another horse battery' }),
        () => perform(self, personTotpOff, { person }),
      ];
      for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ kind: 'forbidden' });
    }
    await expect(
      addPerson(database, { name, role: 'viewer', passwordHash: null, companyId: null }),
    ).resolves.toBe(undefined);
  });
});
