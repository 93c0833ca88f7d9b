import { createHash } from 'node:crypto';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import type { Database } from '@live-feed/database/connection/client';
import { findCredentials, personName } from '@live-feed/database/people/people';
import type { Passwords } from '@live-feed/operations/credentials/passwords';
import type { Logger } from '@live-feed/runtime/logging/logger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { button, textField } from '../html/form.ts';
import { html, type Markup } from '../html/html.ts';
import { localPath } from '../html/local-path.ts';
import { refusal } from '../html/notice.ts';
import { ANYBODY, from } from './access.ts';
import { clientAddress } from './client-address.ts';
import type { Guesses } from './guesses.ts';
import { addOidc, type OidcSettings } from './oidc/oidc-routes.ts';
import type { Sessions } from './sessions.ts';
import { addCodeStep } from './steps/code-step.ts';

export interface SignIn {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly guesses: Guesses;
  readonly logger: Logger;
  readonly basePath: string;
  readonly isSecure: (request: FastifyRequest) => boolean;
  /** Undefined: people sign in with passwords only. */
  readonly oidc: OidcSettings | undefined;
  /** Awaited before anybody is looked up, so that there is somebody who can sign in. */
  readonly beforeSignIn: () => Promise<void>;
}

const formSchema = z.object({
  // PostgreSQL cannot look for the character NUL.
  name: z
    .string()
    .max(320)
    .refine((name) => !name.includes('\0'))
    .catch(''),
  password: z.string().max(1_024).catch(''),
  to: z.string().optional().catch(undefined),
});

export function addSignIn(app: FastifyInstance, signIn: SignIn): void {
  const { database, sessions, passwords, guesses, logger, oidc } = signIn;
  const codeStep = addCodeStep(app, { ...signIn, letIn });
  if (oidc !== undefined) addOidc(app, { ...signIn, oidc, letIn });

  app.get('/sign-in', { config: { access: ANYBODY } }, (request, reply) => {
    const to = localPath(z.object({ to: z.string() }).safeParse(request.query).data?.to);
    if (request.signedIn !== null) return reply.seeOther(to);
    return reply.page({ title: 'Sign in', content: form({ to, oidc: oidc !== undefined }) });
  });

  app.post('/sign-in', { config: { access: ANYBODY } }, async (request, reply) => {
    const { name, password, to } = formSchema.parse(request.body ?? {});
    await signIn.beforeSignIn();
    const person = await findCredentials(database, name);
    const asksForCode = person !== undefined && person.totpSecret !== null;
    const judged = await guesses.judge(
      request,
      person?.id ?? nobodys(name),
      () => passwords.isRight(password, person?.passwordHash),
      !asksForCode,
    );
    if (judged.is === 'right' && person !== undefined) {
      return asksForCode
        ? codeStep.ask(request, reply, person, localPath(to))
        : letIn(request, reply, person, localPath(to));
    }
    const refuse = (status: number, why: string) =>
      reply.page({
        title: 'Sign in',
        status,
        content: form({ name, to: localPath(to), why, oidc: oidc !== undefined }),
      });
    if (judged.is !== 'blocked') return refuse(401, 'Wrong name or password.');
    reply.header('retry-after', String(Math.ceil(judged.forMs / 1_000)));
    return refuse(429, 'Too many wrong passwords. Try again later.');
  });

  app.post('/sign-out', { config: { access: from('viewer') } }, async (request, reply) => {
    await sessions.end(request, reply);
    return reply.seeOther('sign-in', { kind: 'done', text: 'You are signed out.' });
  });

  /** A browser has one session: the former one is not left behind. */
  async function letIn(
    request: FastifyRequest,
    reply: FastifyReply,
    person: { readonly id: string },
    to: string,
  ): Promise<FastifyReply> {
    if (request.signedIn !== null) await sessions.end(request, reply);
    await sessions.begin(request, reply, person.id);
    logger.info({ ip: clientAddress(request), person: person.id }, 'somebody signed in');
    return reply.seeOther(to);
  }
}

/**
 * The account that guesses for an unknown name count for: names are limited each by itself whether somebody has them or not, so that the
 * answers do not tell. Of bounded number, so that made-up names do not push out what is counted for people.
 */
function nobodys(name: string): string {
  return `nobody ${createHash('sha256').update(personName(name)).digest('hex').slice(0, 3)}`;
}

interface SignInForm {
  readonly name?: string;
  readonly to: string;
  readonly why?: string;
  readonly oidc: boolean;
}

function form({ name, to, why, oidc }: SignInForm): Markup {
  return html`
    ${why === undefined ? null : refusal(why)}
    ${
      oidc
        ? html`<p><a class="button" href="sign-in/oidc?${new URLSearchParams({ to }).toString()}">Sign in with your company's account</a></p>`
        : null
    }
    <form method="post" action="sign-in" class="narrow">
      <input type="hidden" name="to" value=${to} />
      ${textField({
        name: 'name',
        label: 'E-mail address or user name',
        value: name,
        autocomplete: 'username',
        required: true,
        maxlength: 320,
        autofocus: true,
      })}
      ${textField({
        name: 'password',
        label: 'Password',
        type: 'password',
        autocomplete: 'current-password',
        required: true,
        maxlength: 256,
      })}
      ${button('Sign in')}
    </form>
  `;
}
