import { setTimeout as pause } from 'node:timers/promises';
import type { JwtCredential } from '@live-feed/core/directory/dialer-settings';
import type { SignInCalls } from '../../../family.ts';
import { type Authorisation, type Authorise, byToken } from '../../../http/authorise.ts';
import type { Exchange } from '../../../http/exchange.ts';
import type { CallLimits } from '../../../lead-loader.ts';
import { isOwnRefusal } from '../../../voice-api/own-answer.ts';
import { createSignInCalls } from './sign-in-calls.ts';
import { createTokenManager, type TokenAnswer, type TokenManager } from './token-manager.ts';

/** Of a call that signs in; it is short, and a lead may wait. */
const LONGEST_CALL: CallLimits = { connectMs: 3_000, uploadMs: 5_000 };
/** Between the end of a call and the next extension of the claim. */
const CLAIM_SLACK_MS = 2_000;
/** Two calls, both as slow as may be. */
const LONGEST_WAIT_MS = 10_000;

/** By the permanent token, or by an access token that is got with the dialer's JWT credential. */
export function authoriseRingcx({
  authHeader,
  exchange,
  limits,
  store,
  observe,
  ...hosts
}: SignInCalls): Authorise {
  const authoriseByToken = byToken(authHeader);
  const own: CallLimits = {
    connectMs: Math.min(limits.connectMs, LONGEST_CALL.connectMs),
    uploadMs: Math.min(limits.uploadMs, LONGEST_CALL.uploadMs),
  };
  const manager = createTokenManager({
    store,
    calls: createSignInCalls(exchange, hosts, own),
    now: () => performance.now(),
    pause,
    waitMs: LONGEST_WAIT_MS,
    claimMs: own.connectMs + own.uploadMs + CLAIM_SLACK_MS,
    observe: (step, answer) => observe?.(step, answer.kind, 'reason' in answer ? answer.reason : undefined),
  });

  const authorise: Authorise = async (account, how) => {
    const { credential, baseUrl } = account;
    if (credential.kind === 'token') return authoriseByToken(account, how);
    if (!isAt(baseUrl, hosts.ringcxUrl)) return NOT_OUR_HOST;
    const answer = await manager[how](credential.jwt);
    return authorisationOf(manager, credential.jwt, answer);
  };
  return Object.assign(authorise, { idle: manager.idle });
}

const NOT_OUR_HOST: Authorisation = {
  kind: 'not_now',
  reason: 'access tokens are sent to the configured host of RingCX only, and the base URL is at another one',
};

function isAt(baseUrl: string, host: string): boolean {
  return URL.canParse(baseUrl) && new URL(baseUrl).origin === new URL(host).origin;
}

function authorisationOf(manager: TokenManager, jwt: JwtCredential, answer: TokenAnswer): Authorisation {
  switch (answer.kind) {
    case 'token': {
      const { token } = answer;
      const renew = async () => authorisationOf(manager, jwt, await manager.renewed(jwt, token));
      return {
        kind: 'headers',
        headers: { authorization: `Bearer ${answer.token}` },
        waited: answer.waited,
        renew: (said) => (hasEnded(said) ? renew() : undefined),
      };
    }
    case 'refused':
      return {
        kind: 'sign_in_refused',
        httpStatus: answer.httpStatus ?? 401,
        reason: `signing in was refused: ${answer.reason}`,
      };
    case 'throttled':
      return { kind: 'not_now', reason: signingIn(answer.reason), retryAfterMs: answer.forMs };
    case 'failing':
      return { kind: 'not_now', reason: signingIn(answer.reason) };
  }
}

/** "Jwt is expired", or any refusal of RingCX' own: the token may have been revoked. */
function hasEnded(answer: Exchange): boolean {
  return answer.kind === 'answer' && answer.httpStatus === 401 && isOwnRefusal(answer);
}

function signingIn(reason: string): string {
  return `no access token: ${reason}`;
}
