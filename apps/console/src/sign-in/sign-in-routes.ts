import type { Database } from '@live-feed/database/connection/client';
import { findCredentials } from '@live-feed/database/people/people';
import type { Logger } from '@live-feed/runtime/logging/logger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ConsoleMetrics } from '../console-metrics.ts';
import { button, textField } from '../html/form.ts';
import { html, type Markup } from '../html/html.ts';
import { localPath } from '../html/local-path.ts';
import { refusal } from '../html/notice.ts';
import { ANYBODY, from } from './access.ts';
import { clientAddress, countedAddress } from './client-address.ts';
import type { Passwords } from './passwords.ts';
import type { Sessions } from './sessions.ts';
import type { SignInLimit } from './sign-in-limit.ts';

export interface SignIn {
  readonly database: Database;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly limit: SignInLimit;
  readonly logger: Logger;
  readonly metrics: ConsoleMetrics;
  /** Awaited before anybody is looked up, so that there is somebody who can sign in. */
  readonly beforeSignIn: () => Promise<void>;
}

const formSchema = z.object({
  name: z.string().max(320).catch(''),
  password: z.string().max(1_024).catch(''),
  to: z.string().optional().catch(undefined),
});

export function addSignIn(app: FastifyInstance, signIn: SignIn): void {
  const { database, sessions, passwords, limit, logger, metrics } = signIn;

  app.get('/sign-in', { config: { access: ANYBODY } }, (request, reply) => {
    const to = localPath(z.object({ to: z.string() }).safeParse(request.query).data?.to);
    if (request.signedIn !== null) return reply.seeOther(to);
    return reply.page({ title: 'Sign in', content: form({ to }) });
  });

  app.post('/sign-in', { config: { access: ANYBODY } }, async (request, reply) => {
    const { name, password, to } = formSchema.parse(request.body ?? {});
    await signIn.beforeSignIn();
    const person = await findCredentials(database, name);
    const ip = clientAddress(request);
    // From checking the limit to counting there is no await, so that requests at the same time cannot evade it.
    const attempt = { address: countedAddress(ip), account: person?.id ?? '' };
    const blockedForMs = limit.blockedForMs(attempt);
    if (blockedForMs > 0) {
      reply.header('retry-after', String(Math.ceil(blockedForMs / 1_000)));
      return refuse(reply, 429, 'Too many wrong passwords. Try again later.', { name, to });
    }
    limit.begin(attempt);
    const isRight = await passwords.isRight(password, person?.passwordHash);
    if (!isRight || person === undefined) {
      metrics.signInFailed();
      // Without the name: it may be a password in the wrong field.
      logger.warn({ ip }, 'a sign-in failed');
      return refuse(reply, 401, 'Wrong name or password.', { name, to });
    }
    limit.succeeded(attempt);
    await endFormer(request, reply);
    await sessions.begin(request, reply, person.id);
    logger.info({ ip, person: person.id }, 'somebody signed in');
    return reply.seeOther(localPath(to));
  });

  app.post('/sign-out', { config: { access: from('viewer') } }, async (request, reply) => {
    await sessions.end(request, reply);
    return reply.seeOther('sign-in', { kind: 'done', text: 'You are signed out.' });
  });

  /** A browser has one session: the former one is not left behind. */
  async function endFormer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (request.signedIn !== null) await sessions.end(request, reply);
  }
}

function refuse(
  reply: FastifyReply,
  status: number,
  why: string,
  { name, to }: { readonly name: string; readonly to: string | undefined },
): FastifyReply {
  return reply.page({ title: 'Sign in', status, content: form({ name, to: localPath(to), why }) });
}

function form({
  name,
  to,
  why,
}: {
  readonly name?: string;
  readonly to: string;
  readonly why?: string;
}): Markup {
  return html`
    ${why === undefined ? null : refusal(why)}
    <form method="post" action="sign-in" class="narrow">
      <input type="hidden" name="to" value=${to} />
      ${textField({ name: 'name', label: 'E-mail address or user name', value: name, autocomplete: 'username', required: true, maxlength: 320, autofocus: true })}
      ${textField({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', required: true, maxlength: 256 })}
      ${button('Sign in')}
    </form>
  `;
}
