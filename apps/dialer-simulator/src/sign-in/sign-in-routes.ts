/**
 * Signing in with a JWT credential, at the two hosts of RingCentral's documentation, which are one here:
 *
 * - `POST /restapi/oauth/token` of the RingCentral platform,
 * - `POST /api/auth/login/rc/accesstoken?includeRefresh=true` of RingCX, five a minute for each account, whatever the scenario says,
 * - `POST /api/auth/token/refresh` of RingCX; a refresh token is spent by its first use.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { DialingSystem } from '../api/dialing-system.ts';
import { DialingSystemError, defaultErrorCode } from '../api/error-answer.ts';
import { parseRequest } from '../api/parse-request.ts';
import { createRateWindows } from '../api/rate-windows.ts';
import type { SignInStep } from '../control/statistics.ts';
import { answerWithFault, takesEffect } from '../faults/faulty-answer.ts';
import type { Client } from './sessions.ts';

const oauthSchema = z.object({
  grant_type: z.literal('urn:ietf:params:oauth:grant-type:jwt-bearer'),
  assertion: z.string().regex(/^[\w-]+\.[\w-]+\.[\w-]+$/),
});
const exchangeSchema = z.object({ rcAccessToken: z.string().min(1), rcTokenType: z.literal('Bearer') });
const exchangeQuerySchema = z.object({ includeRefresh: z.enum(['true', 'false']).default('false') });
const refreshSchema = z.object({ refresh_token: z.string().min(1) });

/** As documented: "5 a minute". */
const EXCHANGES = [{ requests: 5, perMs: 60_000 }];

export function registerSignInRoutes(app: FastifyInstance, system: DialingSystem): void {
  const { sessions } = system;
  const exchanges = createRateWindows(EXCHANGES);
  const isRevoked = (secret: string) => system.behaviour().scenario.revokedTokens.includes(secret);

  app.post('/restapi/oauth/token', async (request, reply) => {
    system.statistics.signsIn('signIn');
    const [clientId, secret] = basicOf(request);
    if (clientId === '' || secret === '' || isRevoked(secret))
      return refuse(reply, 401, 'invalid_client', 'Invalid client credentials');
    const form = oauthSchema.safeParse(request.body);
    if (!form.success) return refuse(reply, 400, 'invalid_request', 'Not a request for a JWT grant');
    const { assertion } = form.data;
    if (isRevoked(assertion)) return refuse(reply, 400, 'invalid_grant', 'The JWT is not valid');
    const client = sessions.client(clientId, assertion);
    return answer(reply, 'signIn', client, () => ({
      access_token: sessions.signIn(client, system.behaviour().scenario.rcTokenLifeMs),
      token_type: 'bearer',
      expires_in: system.behaviour().scenario.rcTokenLifeMs / 1_000,
      refresh_token: 'not used by us',
      refresh_token_expires_in: 604_800,
      scope: 'ReadAccounts',
    }));
  });

  app.post('/api/auth/login/rc/accesstoken', async (request, reply) => {
    system.statistics.signsIn('exchange');
    const { rcAccessToken } = parseRequest(exchangeSchema, request.body);
    const { includeRefresh } = parseRequest(exchangeQuerySchema, request.query);
    const client = sessions.clientOf(rcAccessToken);
    if (client === undefined) throw unauthorised('The RingCentral access token is not valid');
    limitExchanges(reply, client);
    return answer(reply, 'exchange', client, () => {
      const tokens = sessions.issue(client, system.behaviour().scenario.bearerLifeMs);
      return loggedIn(client, includeRefresh === 'true' ? tokens : { accessToken: tokens.accessToken });
    });
  });

  app.post('/api/auth/token/refresh', async (request, reply) => {
    system.statistics.signsIn('refresh');
    const { refresh_token: refreshToken } = parseRequest(refreshSchema, request.body);
    const client = sessions.clientToRefresh(refreshToken);
    if (client === undefined) throw unauthorised('The refresh token is not valid');
    return answer(reply, 'refresh', client, () => {
      // Two requests with one token can have come this far.
      if (!sessions.spend(refreshToken)) throw unauthorised('The refresh token is not valid');
      return loggedIn(client, sessions.issue(client, system.behaviour().scenario.bearerLifeMs));
    });
  });

  /** @param issue has the effect, and returns the normal response */
  async function answer(
    reply: FastifyReply,
    step: SignInStep,
    { clientId, accountId }: Client,
    issue: () => object,
  ): Promise<object> {
    const occasion = { family: 'ringcx', accountId, clientId, campaignIds: [], leads: [] } as const;
    const plan = system.behaviour().faults.plan(step, () => occasion);
    if (plan.delayMs > 0 && !(await system.pause(plan.delayMs))) {
      return answerWithFault(reply, { kind: 'reset' }, null, system.clock());
    }
    const good = takesEffect(plan.answer) ? issue() : {};
    if (plan.answer === null) return good;
    return answerWithFault(reply, plan.answer, good, system.clock());
  }

  function limitExchanges(reply: FastifyReply, { accountId }: Client): void {
    const nowMs = system.clock();
    const excess = exchanges.take(accountId, nowMs);
    if (excess === null) return;
    system.statistics.violated({
      atMs: nowMs,
      operation: 'exchange',
      account: `ringcx/${accountId}`,
      ...excess,
    });
    const { retryAfterSeconds } = system.behaviour().scenario.limits;
    if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
    throw new DialingSystemError(429, defaultErrorCode(429), 'More than 5 exchanges within 60 seconds');
  }
}

function loggedIn({ accountId }: Client, tokens: object): object {
  return { ...tokens, tokenType: 'Bearer', mainAccountId: accountId, agentDetails: [{ accountId }] };
}

/** RFC 6749, section 5.2. */
function refuse(reply: FastifyReply, status: number, error: string, description: string): FastifyReply {
  return reply.code(status).send({ error, error_description: description });
}

function unauthorised(message: string): DialingSystemError {
  return new DialingSystemError(401, defaultErrorCode(401), message);
}

function basicOf({ headers }: FastifyRequest): [string, string] {
  const [, encoded = ''] = /^Basic (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const [, id = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  return [id, secret];
}
