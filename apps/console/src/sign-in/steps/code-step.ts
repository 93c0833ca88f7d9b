import { createHash } from 'node:crypto';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import { SEALED } from '@live-feed/core/lead/lead-job';
import type { Database } from '@live-feed/database/connection/client';
import { type Credentials, findCredentials, useTotpStep } from '@live-feed/database/people/people';
import { totpStep } from '@live-feed/operations/credentials/one-time-codes';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { button, textField } from '../../html/form.ts';
import { html } from '../../html/html.ts';
import { localPath } from '../../html/local-path.ts';
import { refusal } from '../../html/notice.ts';
import { ANYBODY } from '../access.ts';
import type { Guesses } from '../guesses.ts';
import { createPending } from './pending.ts';

export interface CodeStepOptions {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly guesses: Guesses;
  readonly basePath: string;
  readonly isSecure: (request: FastifyRequest) => boolean;
  /** Begins the session. */
  readonly letIn: (
    request: FastifyRequest,
    reply: FastifyReply,
    person: { readonly id: string },
    to: string,
  ) => Promise<FastifyReply>;
}

/** The second step of a sign-in: a one-time code of the person's app. */
export interface CodeStep {
  /** After the password was right. */
  ask(request: FastifyRequest, reply: FastifyReply, person: Credentials, to: string): FastifyReply;
}

const pendingSchema = z.object({
  personId: z.string(),
  /** Of the password's hash: a password that was changed meanwhile is not right any more. */
  password: z.string(),
  to: z.string(),
});

const formSchema = z.object({ code: z.string().max(20).catch('') });

export function addCodeStep(app: FastifyInstance, options: CodeStepOptions): CodeStep {
  const { database, keyring, guesses, basePath, isSecure, letIn } = options;
  const pending = createPending({
    name: 'live-feed-code',
    schema: pendingSchema,
    ...{ keyring, basePath, isSecure },
  });

  app.get('/sign-in/code', { config: { access: ANYBODY } }, (request, reply) =>
    pending.of(request) === undefined ? reply.seeOther('sign-in') : codePage(reply, 200),
  );

  app.post('/sign-in/code', { config: { access: ANYBODY } }, async (request, reply) => {
    const kept = pending.of(request);
    const person = kept && (await findCredentials(database, { id: kept.personId }));
    if (kept === undefined || person?.totpSecret == null || digestOf(person) !== kept.password) {
      pending.drop(request, reply);
      return reply.seeOther('sign-in', { kind: 'refused', text: 'That took too long. Sign in again.' });
    }
    const { code } = formSchema.parse(request.body ?? {});
    const { id, totpSecret } = person;
    const judged = await guesses.judge(request, id, () => isRight(id, totpSecret, code), true);
    if (judged.is === 'right') {
      pending.drop(request, reply);
      return letIn(request, reply, person, localPath(kept.to));
    }
    if (judged.is === 'wrong') return codePage(reply, 401, 'This code is wrong, or was used already.');
    reply.header('retry-after', String(Math.ceil(judged.forMs / 1_000)));
    return codePage(reply, 429, 'Too many wrong codes. Try again later.');
  });

  async function isRight(personId: string, sealed: string, code: string): Promise<boolean> {
    const secret = keyring.unseal(sealed, { companyId: personId, column: SEALED.totpSecret });
    const step = totpStep(secret, code, Date.now());
    return step !== undefined && (await useTotpStep(database, personId, step));
  }

  return {
    ask(request, reply, person, to) {
      pending.keep(request, reply, { personId: person.id, password: digestOf(person), to });
      return reply.seeOther('sign-in/code');
    },
  };
}

function digestOf({ passwordHash }: Credentials): string {
  return createHash('sha256')
    .update(passwordHash ?? '')
    .digest('base64url');
}

function codePage(reply: FastifyReply, status: number, why?: string): FastifyReply {
  const content = html`
    ${why === undefined ? null : refusal(why)}
    <form method="post" action="sign-in/code" class="narrow">
      ${textField({
        name: 'code',
        label: 'One-time code',
        hint: 'Six digits, as the authenticator app shows them now',
        autocomplete: 'one-time-code',
        required: true,
        maxlength: 20,
        autofocus: true,
      })}
      ${button('Sign in')}
      <p><a href="sign-in">Sign in as somebody else</a></p>
    </form>
  `;
  return reply.page({ title: 'Sign in: one-time code', status, content });
}
