import type { Keyring } from '@live-feed/core/crypto/sealing';
import type { Database } from '@live-feed/database/connection/client';
import { type Credentials, findCredentials, findPerson } from '@live-feed/database/people/people';
import type { Logger } from '@live-feed/runtime/logging/logger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { localPath } from '../../html/local-path.ts';
import { refusal } from '../../html/notice.ts';
import { ANYBODY } from '../access.ts';
import { clientAddress } from '../client-address.ts';
import { createPending } from '../steps/pending.ts';
import type { OidcOptions } from './oidc-options.ts';
import { createProvider, type Journey } from './provider.ts';

export interface OidcRoutesOptions {
  readonly oidc: OidcSettings;
  readonly database: Database;
  readonly keyring: Keyring;
  readonly logger: Logger;
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

export interface OidcSettings extends OidcOptions {
  /** The console's address in the browser. */
  readonly publicUrl: string;
  /** Adds somebody whom the provider knows, and records it. */
  readonly addNewcomer: (request: FastifyRequest, email: string) => Promise<void>;
}

const CALLBACK = 'sign-in/oidc/callback';

const pendingSchema = z.object({
  journey: z.object({ state: z.string(), nonce: z.string(), verifier: z.string() }),
  to: z.string(),
});

export function addOidc(app: FastifyInstance, options: OidcRoutesOptions): void {
  const { oidc, database, keyring, logger, basePath, isSecure, letIn } = options;
  const { publicUrl, newRole, addNewcomer } = oidc;
  const redirectUri = new URL(CALLBACK, publicUrl.endsWith('/') ? publicUrl : `${publicUrl}/`).href;
  const provider = createProvider({ ...oidc, redirectUri });
  const pending = createPending({
    name: 'live-feed-oidc',
    schema: pendingSchema,
    keyring,
    basePath,
    isSecure,
  });

  app.get('/sign-in/oidc', { config: { access: ANYBODY } }, async (request, reply) => {
    const to = localPath(z.object({ to: z.string() }).safeParse(request.query).data?.to);
    try {
      const { url, journey } = await provider.begin();
      pending.keep(request, reply, { journey, to });
      return reply.redirect(url.href, 303);
    } catch (err) {
      logger.warn({ err }, 'the provider of OpenID Connect cannot be reached');
      return refuse(reply, 503, 'The provider of your account cannot be reached. Try again later.');
    }
  });

  app.get(`/${CALLBACK}`, { config: { access: ANYBODY } }, async (request, reply) => {
    const kept = pending.of(request);
    pending.drop(request, reply);
    if (kept === undefined) return refuse(reply, 400, 'That took too long, or began in another browser.');
    const email = await emailOf(request, kept.journey);
    if (email === 'failed') return refuse(reply, 401, 'The provider of your account did not sign you in.');
    if (email === undefined)
      return refuse(reply, 403, 'The provider of your account has not verified an e-mail address of yours.');
    const person = await personOf(request, email);
    if (person !== undefined) return letIn(request, reply, person, localPath(kept.to));
    logger.warn(
      { ip: clientAddress(request) },
      'somebody was refused whom the provider of OpenID Connect knows',
    );
    return refuse(
      reply,
      403,
      `There is nobody named "${email}" here. Ask an admin of the console to add you.`,
    );
  });

  async function emailOf(request: FastifyRequest, journey: Journey): Promise<string | undefined | 'failed'> {
    // As the provider was told to send the browser: a proxy may have changed the rest.
    const back = new URL(redirectUri);
    back.search = new URL(request.url, redirectUri).search;
    try {
      return (await provider.finish(back, journey)).verifiedEmail;
    } catch (err) {
      logger.warn({ err, ip: clientAddress(request) }, 'a sign-in with OpenID Connect failed');
      return 'failed';
    }
  }

  async function personOf(request: FastifyRequest, email: string): Promise<Credentials | undefined> {
    const known = await findCredentials(database, email);
    // Who is disabled is known, too.
    const isNew = known === undefined && (await findPerson(database, email)) === undefined;
    if (!isNew || newRole === undefined) return known;
    await addNewcomer(request, email);
    return findCredentials(database, email);
  }
}

function refuse(reply: FastifyReply, status: number, why: string): FastifyReply {
  const content = refusal(why, { href: 'sign-in', text: 'Sign in' });
  return reply.page({ title: 'Not signed in', status, content });
}
