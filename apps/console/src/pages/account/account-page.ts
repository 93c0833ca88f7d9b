import type { Database } from '@live-feed/database/connection/client';
import { findCredentials, type PersonRecord } from '@live-feed/database/people/people';
import { newTotpSecret, totpUri } from '@live-feed/operations/credentials/one-time-codes';
import type { Passwords } from '@live-feed/operations/credentials/passwords';
import {
  personEndSessions,
  personSessions,
  personSetPassword,
  personTotpOff,
  personTotpOn,
} from '@live-feed/operations/person/own-account';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { button, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { from } from '../../sign-in/access.ts';
import type { Guesses } from '../../sign-in/guesses.ts';
import { sessionTable } from '../people/session-table.ts';
import { qrCode } from './qr-code.ts';

export interface AccountOptions {
  readonly database: Database;
  readonly passwords: Passwords;
  readonly guesses: Guesses;
}

const EVERYBODY = { config: { access: from('viewer') } };

/** What a person may change of their own. A session that somebody else uses does not suffice: the password is asked for again. */
export function addAccountPages(
  app: FastifyInstance,
  { database, passwords, guesses }: AccountOptions,
): void {
  app.get('/account', EVERYBODY, async (request, reply) => {
    const { personId, sessionId } = whoAsks(request);
    const { person, sessions } = await request.perform(personSessions, { person: personId });
    return reply.page({
      title: 'My account',
      content: html`
        ${person.hasPassword ? html`${passwordForm()} ${codesPart(person)}` : ofProvider()}
        <section>
          <h2>Sessions</h2>
          ${sessionTable(sessions, { action: 'account/sessions/end', currentId: sessionId })}
        </section>
      `,
    });
  });

  app.post('/account/password', EVERYBODY, async (request, reply) => {
    const { current, password, again } = z
      .object({ current: z.string(), password: z.string(), again: z.string() })
      .parse(request.body);
    if (password !== again) return refuse(reply, 'The new password was not typed the same way twice.');
    const why = await whyNotOwn(request, current);
    if (why !== undefined) return refuse(reply, why);
    const { personId, sessionId } = whoAsks(request);
    await request.perform(personSetPassword, { person: personId, password, keep: sessionId });
    return reply.seeOther('account', {
      kind: 'done',
      text: 'Your password was changed; your other sessions ended.',
    });
  });

  app.get('/account/codes', EVERYBODY, async (request, reply) => {
    const { name } = whoAsks(request);
    return reply.page({ title: 'One-time codes', content: newCodes(newTotpSecret(), name) });
  });

  app.post('/account/codes', EVERYBODY, async (request, reply) => {
    const { secret, code, current } = z
      .object({ secret: z.string(), code: z.string(), current: z.string() })
      .parse(request.body);
    const why = await whyNotOwn(request, current);
    if (why !== undefined) return refuse(reply, why);
    await request.perform(personTotpOn, { person: whoAsks(request).personId, secret, code });
    return reply.seeOther('account', {
      kind: 'done',
      text: 'From now on each sign-in asks for a one-time code.',
    });
  });

  app.post('/account/codes/off', EVERYBODY, async (request, reply) => {
    const { current } = z.object({ current: z.string() }).parse(request.body);
    const why = await whyNotOwn(request, current);
    if (why !== undefined) return refuse(reply, why);
    await request.perform(personTotpOff, { person: whoAsks(request).personId });
    return reply.seeOther('account', { kind: 'done', text: 'No one-time code is asked for any more.' });
  });

  app.post('/account/sessions/end', EVERYBODY, async (request, reply) => {
    const { session } = z.object({ session: z.string().optional() }).parse(request.body ?? {});
    const { personId, sessionId } = whoAsks(request);
    const which = session === undefined ? { keep: sessionId } : { session };
    const { ended } = await request.perform(personEndSessions, { person: personId, ...which });
    return reply.seeOther('account', { kind: 'done', text: `Sessions ended: ${ended}.` });
  });

  /** @returns why the password is not the person's; undefined if it is */
  async function whyNotOwn(request: FastifyRequest, password: string): Promise<string | undefined> {
    const { personId } = whoAsks(request);
    const person = await findCredentials(database, { id: personId });
    const judged = await guesses.judge(
      request,
      personId,
      () => passwords.isRight(password, person?.passwordHash),
      true,
    );
    if (judged.is === 'right') return undefined;
    if (judged.is === 'wrong') return 'Your present password is another one.';
    return 'Too many wrong passwords. Try again later.';
  }
}

function refuse(reply: FastifyReply, text: string): FastifyReply {
  return reply.seeOther('account', { kind: 'refused', text });
}

function whoAsks({ signedIn }: FastifyRequest) {
  if (signedIn === null) throw new Error('Nobody is signed in: the route has to ask for a person.');
  return signedIn;
}

function current(id: string): Markup {
  return textField({
    ...{ name: 'current', id, label: 'Present password', type: 'password', required: true },
    autocomplete: 'current-password',
  });
}

function passwordForm(): Markup {
  const fresh = (name: string, label: string) =>
    textField({
      name,
      label,
      type: 'password',
      autocomplete: 'new-password',
      required: true,
      maxlength: 256,
    });
  return html`
    <section>
      <h2>Password</h2>
      <form method="post" action="account/password" class="narrow">
        ${current('current-for-password')} ${fresh('password', 'New password')} ${fresh('again', 'New password again')}
        ${button('Change')}
      </form>
    </section>
  `;
}

function codesPart({ hasTotp }: PersonRecord): Markup {
  return html`
    <section>
      <h2>One-time codes</h2>
      ${
        hasTotp
          ? html`
              <p>Each sign-in asks for a code of your authenticator app.</p>
              <form method="post" action="account/codes/off" class="narrow">
                ${current('current-for-codes')} ${button('Ask for none', 'danger')}
              </form>
            `
          : html`<p>A sign-in needs your password only. <a href="account/codes">Add one-time codes</a></p>`
      }
    </section>
  `;
}

function ofProvider(): Markup {
  return html`<p>You sign in with your company's account (OpenID Connect), so there is no password to change here.</p>`;
}

function newCodes(secret: string, name: string): Markup {
  return html`
    <p>Scan this with an authenticator app, or type the key there. Then enter the code that it shows.</p>
    ${qrCode(totpUri(secret, name), 'The key below, for an authenticator app')}
    <p>Key: <code>${secret.match(/.{4}/g)?.join(' ')}</code></p>
    <form method="post" action="account/codes" class="narrow">
      <input type="hidden" name="secret" value=${secret} />
      ${textField({
        ...{ name: 'code', label: 'Code that the app shows', autocomplete: 'one-time-code' },
        ...{ required: true, maxlength: 20 },
      })}
      ${current('current-for-new-codes')} ${button('Add')}
    </form>
  `;
}
