/**
 * The three calls that sign in, as RingCentral documents them. Secrets go to the two configured hosts only, in bodies and headers;
 * what is said of a failure has neither these nor the answer in it.
 */
import type { JwtCredential } from '@live-feed/core/directory/dialer-settings';
import { z } from 'zod';
import type { SignInCalls as Calls, SignInHosts } from '../../../family.ts';
import type { Exchange } from '../../../http/exchange.ts';
import { describeBreak, describeStatus, isSuccess } from '../../../http/exchange-outcome.ts';
import type { CallLimits } from '../../../lead-loader.ts';

export type StepAnswer<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'refused'; readonly httpStatus: number; readonly reason: string }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | undefined; readonly reason: string }
  /** `sent`: the host may have done it. */
  | { readonly kind: 'failing'; readonly sent: boolean; readonly reason: string };

export interface PlatformToken {
  readonly token: string;
  readonly lifeMs: number;
}

export interface BearerToken {
  readonly token: string;
  readonly refreshToken: string | undefined;
}

export interface SignInCalls {
  /** An access token of RingCentral. */
  signIn(credential: JwtCredential): Promise<StepAnswer<PlatformToken>>;
  /** RingCX's access token for it. */
  exchange(platformToken: string): Promise<StepAnswer<BearerToken>>;
  refresh(refreshToken: string): Promise<StepAnswer<BearerToken>>;
}

/** It goes into a header. */
const secret = z.string().regex(/^[\x21-\x7e]{1,16000}$/);

const platformAnswer = z
  .looseObject({ access_token: secret, expires_in: z.number().positive().max(86_400).default(3_600) })
  .transform(({ access_token, expires_in }) => ({ token: access_token, lifeMs: expires_in * 1_000 }));
const bearerAnswer = z
  .looseObject({ accessToken: secret, refreshToken: secret.nullish() })
  .transform(({ accessToken, refreshToken }) => ({
    token: accessToken,
    refreshToken: refreshToken ?? undefined,
  }));

/** Small: an answer has a few tokens. */
const MOST_BYTES = 256 * 1024;

export function createSignInCalls(
  exchange: Calls['exchange'],
  { platformUrl, ringcxUrl }: SignInHosts,
  limits: CallLimits,
): SignInCalls {
  async function post<Value>(
    url: string,
    form: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>>,
    schema: z.ZodType<Value>,
  ): Promise<StepAnswer<Value>> {
    const request = { url: new URL(url), headers, body: form, encoding: 'form' } as const;
    const answer = await exchange({ ...request, mayWrite: () => true, maxAnswerBytes: MOST_BYTES }, limits);
    return readStep(answer, limits, schema);
  }

  return {
    signIn: ({ clientId, clientSecret, jwt }) =>
      post(
        `${platformUrl}/restapi/oauth/token`,
        { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: jwt },
        { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
        platformAnswer,
      ),
    exchange: (platformToken) =>
      post(
        `${ringcxUrl}/api/auth/login/rc/accesstoken?includeRefresh=true`,
        { rcAccessToken: platformToken, rcTokenType: 'Bearer' },
        {},
        bearerAnswer,
      ),
    refresh: (refreshToken) =>
      post(`${ringcxUrl}/api/auth/token/refresh`, { refresh_token: refreshToken }, {}, bearerAnswer),
  };
}

/** RFC 6749, section 5.2: other codes are not repeated. */
const OAUTH_ERRORS = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
] as const;
const oauthError = z.looseObject({ error: z.enum(OAUTH_ERRORS) });

function readStep<Value>(answer: Exchange, limits: CallLimits, schema: z.ZodType<Value>): StepAnswer<Value> {
  if (answer.kind === 'broken') {
    return { kind: 'failing', sent: answer.phase === 'written', reason: describeBreak(answer, limits) };
  }
  const { httpStatus, retryAfterMs, body } = answer;
  const value = isSuccess(httpStatus) ? schema.safeParse(body) : undefined;
  if (value?.success) return { kind: 'done', value: value.data };
  const error = oauthError.safeParse(body);
  const reason = `${describeStatus(httpStatus)}${error.success ? `, ${error.data.error}` : ''}`;
  if (httpStatus === 429) return { kind: 'throttled', retryAfterMs, reason };
  const isRefusal = httpStatus === 400 || httpStatus === 401 || httpStatus === 403;
  // A page is from something in front.
  if (isRefusal && isOwnWords(body)) return { kind: 'refused', httpStatus, reason };
  return { kind: 'failing', sent: true, reason };
}

function isOwnWords(body: unknown): boolean {
  if (typeof body === 'string') return body.length <= 200 && !/^\s*</.test(body);
  return typeof body === 'object' && body !== null;
}
