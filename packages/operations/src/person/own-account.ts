import { SEALED } from '@live-feed/core/lead/lead-job';
import { setPassword, setTotp } from '@live-feed/database/people/people';
import { endSessions, listSessions } from '@live-feed/database/people/sessions';
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import { totpStep } from '../credentials/one-time-codes.ts';
import { idInput } from '../inputs/inputs.ts';
import { secret } from '../inputs/masked-input.ts';
import { ofInstallation } from '../operation.ts';
import { InputError } from '../refusal.ts';
import { passwordInput, personInput, thePerson } from './person-inputs.ts';

/** What everybody may do for their own account, and admins for anybody's. */

/** It names the person by id. */
const own = ({ id }: Actor, { person }: { readonly person: string }) => person === id;

export const personSessions = ofInstallation({
  name: 'person.sessions',
  summary: 'lists where somebody is signed in',
  role: 'admin',
  own,
  route: 'GET /people/:person/sessions',
  input: z.object({ person: personInput }),
  async run({ database }, { person: named }) {
    const person = await thePerson({ database }, named);
    return { person, sessions: await listSessions(database, person.id) };
  },
});

export const personEndSessions = ofInstallation({
  name: 'person.end-sessions',
  summary: "ends somebody's sessions, or one of them",
  role: 'admin',
  own,
  route: 'POST /people/:person/sessions/end',
  input: z.object({
    person: personInput,
    session: idInput('the only session that is ended').optional(),
    keep: idInput('the only session that is kept').optional(),
  }),
  async run({ database, record }, { person: named, session, keep }) {
    const person = await thePerson({ database }, named);
    const ended = await endSessions(database, person.id, { only: session, except: keep });
    record({ target: person.name, after: { ended } });
    return { person, ended };
  },
});

export const personSetPassword = ofInstallation({
  name: 'person.set-password',
  summary: "sets somebody's password, and ends their other sessions",
  role: 'admin',
  own,
  route: 'PUT /people/:person/password',
  input: z.object({
    person: personInput,
    password: passwordInput,
    keep: idInput('the session that does not end').optional(),
  }),
  async run({ database, passwords, record }, { person: named, password, keep }) {
    const person = await thePerson({ database }, named);
    await setPassword(database, person.id, await passwords.hash(password), keep);
    record({ target: person.name });
    return { person: await thePerson({ database }, person.id) };
  },
});

export const personTotpOn = ofInstallation({
  name: 'person.totp-on',
  summary: 'asks somebody for a one-time code at each sign-in with a password',
  role: 'admin',
  own,
  route: 'PUT /people/:person/totp',
  input: z.object({
    person: personInput,
    secret: secret(
      z.string().regex(/^[A-Z2-7]{32,128}$/, 'Expected a secret of 20 bytes or more, in base32.'),
    ),
    code: secret(z.string().max(20)).describe('what the app shows now, as a proof that it has the secret'),
  }),
  async run({ database, keyring, record }, { person: named, secret: given, code }) {
    const person = await thePerson({ database }, named);
    const step = totpStep(given, code, Date.now());
    if (step === undefined) {
      const message = 'The code is wrong. Enter the one that the app shows now, and check the clocks.';
      throw new InputError([{ member: 'code', message }]);
    }
    const sealed = keyring.seal(given, { companyId: person.id, column: SEALED.totpSecret });
    await setTotp(database, person.id, sealed, step);
    record({ target: person.name, before: { oneTimeCodes: person.hasTotp }, after: { oneTimeCodes: true } });
    return { person: await thePerson({ database }, person.id) };
  },
});

export const personTotpOff = ofInstallation({
  name: 'person.totp-off',
  summary: 'asks somebody for no one-time code any more',
  role: 'admin',
  own,
  route: 'DELETE /people/:person/totp',
  input: z.object({ person: personInput }),
  async run({ database, record }, { person: named }) {
    const person = await thePerson({ database }, named);
    await setTotp(database, person.id, null, null);
    record({ target: person.name, before: { oneTimeCodes: person.hasTotp }, after: { oneTimeCodes: false } });
    return { person: await thePerson({ database }, person.id) };
  },
});
