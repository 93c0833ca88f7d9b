/** Which headers a call to an account has, and what happens where the dialing system says that its access token has ended. */
import type { CallLimits, DialerAccount } from '../lead-loader.ts';
import type { Exchange, ExchangeRequest } from './exchange.ts';

/** @param how `anew`: signs in, whatever access token there is */
export interface Authorise {
  (account: DialerAccount, how: SignInMode): Promise<Authorisation>;
  /** Resolves once nothing is under way that gets headers. */
  readonly idle?: () => Promise<void>;
}

export type SignInMode = 'present' | 'anew';

export type Authorisation =
  | {
      readonly kind: 'headers';
      readonly headers: Readonly<Record<string, string>>;
      /** They were not at hand: the permit of the call may be too old by now. */
      readonly waited: boolean;
      /** Others, where the answer says that these are not taken any more; else undefined. */
      readonly renew?: (answer: Exchange) => Promise<Authorisation> | undefined;
    }
  | NotAuthorised;

/** There are no headers, so nothing was sent. Reasons as of `CheckResult`. */
export type NotAuthorised =
  | { readonly kind: 'sign_in_refused'; readonly httpStatus: number; readonly reason: string }
  | { readonly kind: 'not_now'; readonly reason: string; readonly retryAfterMs?: number };

/**
 * One call; a second one only after the dialing system's own words that the access token has ended.
 *
 * @param mayRepeat awaited where a call is made later than at once: after waiting for an access token, or again
 */
export type AuthorisedExchange = (
  account: DialerAccount,
  request: Omit<ExchangeRequest, 'headers'>,
  mayRepeat: () => Promise<boolean>,
  how?: SignInMode,
) => Promise<Exchange | NotAuthorised>;

export function byToken(authHeader: string): Authorise {
  return async ({ credential }) =>
    credential.kind === 'token'
      ? { kind: 'headers', headers: { [authHeader]: credential.token }, waited: false }
      : { kind: 'not_now', reason: 'a JWT credential cannot be used here' };
}

const NO_PERMIT: NotAuthorised = { kind: 'not_now', reason: 'there was no permit in time' };

export function authorisedExchange(
  exchange: (request: ExchangeRequest, limits?: CallLimits) => Promise<Exchange>,
  authorise: Authorise,
): AuthorisedExchange {
  return async (account, request, mayRepeat, how = 'present') => {
    const first = await authorise(account, how);
    if (first.kind !== 'headers') return first;
    if (first.waited && !(await mayRepeat())) return NO_PERMIT;
    const answer = await exchange({ ...request, headers: first.headers });
    const second = await first.renew?.(answer);
    if (second === undefined) return answer;
    if (second.kind !== 'headers') return second;
    if (!(await mayRepeat())) return NO_PERMIT;
    return exchange({ ...request, headers: second.headers });
  };
}
