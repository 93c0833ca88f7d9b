/** Getting the next access token, by the one process that has the claim: with the refresh token, else with the credential. */
import type { JwtCredential } from '@live-feed/core/directory/dialer-settings';
import type {
  ExchangePermit,
  SharedToken,
  SignInClaim,
  SignInTrouble,
} from '@live-feed/core/directory/token-store';
import type { SignInStep } from '../../../family.ts';
import type { BearerToken, PlatformToken, SignInCalls, StepAnswer } from './sign-in-calls.ts';
import { lifeOf } from './token-life.ts';

export interface SignInTools {
  readonly calls: SignInCalls;
  /** Milliseconds on a clock that cannot be set. */
  readonly now: () => number;
  readonly observe: (step: SignInStep, answer: StepAnswer<unknown>) => void;
  /** How long a claim lasts without being extended: longer than a call. */
  readonly claimMs: number;
}

export type SignedIn =
  | { readonly kind: 'token'; readonly token: Omit<SharedToken, 'id'> & { readonly id?: string } }
  | { readonly kind: 'trouble'; readonly trouble: SignInTrouble; readonly forMs: number }
  /** Another process may have the claim by now. */
  | { readonly kind: 'lost' };

/** A refused credential is not tried again before, by nobody. */
const REFUSED_MS = 30_000;
/** The same after 429 without `Retry-After`. */
const THROTTLED_MS = 30_000;
/** After the first, second, … exchange of a minute: one a few seconds later, the others spread over the minute. */
const FAILING_MS = [2_000, 10_000, 20_000, 30_000] as const;
/** RingCX documents none; it is made anew when it is refused. */
const REFRESH_TOKEN_MS = 3_600_000;
/** Of its life, what of RingCentral's access token is used. */
const PLATFORM_SHARE = 0.9;
/** A token of RingCentral that was kept may be refused; then there is another one. */
const ROUNDS = 2;

/** @param mostExchanges in any minute. The claim has ended when it resolves, unless the store is unavailable */
export async function signInAnew(
  tools: SignInTools,
  claim: SignInClaim,
  credential: JwtCredential,
  mostExchanges: number,
): Promise<SignedIn> {
  for (let round = 1; ; round += 1) {
    const permit = await claim.takeExchange(mostExchanges);
    if (permit.kind === 'wait') {
      const reason = 'as often signed in as is permitted in a minute';
      return giveUp(claim, { kind: 'throttled', retryAfterMs: permit.waitMs, reason });
    }
    const kept = await claim.readPlatformToken();
    const platform = kept === undefined ? await platformToken(tools, claim, credential) : kept;
    if (typeof platform !== 'string') {
      return giveUp(claim, platform, await spent(permit, platform));
    }
    if (!(await claim.extend(tools.claimMs))) return CLAIM_LOST;
    const answer = await call(tools, 'exchange', () => tools.calls.exchange(platform));
    if (answer.kind === 'done') return publish(tools, claim, answer);
    const exchanges = await spent(permit, answer);
    if (answer.kind !== 'refused') return giveUp(claim, answer, exchanges);
    await claim.forgetPlatformToken();
    if (kept === undefined || round === ROUNDS) return giveUp(claim, answer);
    if (!(await claim.extend(tools.claimMs))) return CLAIM_LOST;
  }
}

/** @returns undefined where there is no refresh token, or not any more: then the credential is left */
export async function renewByRefreshToken(
  tools: SignInTools,
  claim: SignInClaim,
): Promise<SignedIn | undefined> {
  const refreshToken = await claim.takeRefreshToken();
  if (refreshToken === undefined) return undefined;
  const answer = await call(tools, 'refresh', () => tools.calls.refresh(refreshToken));
  if (answer.kind === 'done') return publish(tools, claim, answer);
  const isUnspent = answer.kind === 'throttled' || (answer.kind === 'failing' && !answer.sent);
  if (isUnspent) await claim.keepRefreshToken(refreshToken, REFRESH_TOKEN_MS);
  // Exchanges have a limit of their own.
  if (isUnspent && answer.kind !== 'throttled') return giveUp(claim, answer);
  return (await claim.extend(tools.claimMs)) ? undefined : CLAIM_LOST;
}

const CLAIM_LOST = { kind: 'lost' } as const;

type Failed = Exclude<StepAnswer<never>, { kind: 'done' }>;

interface Timed<Value> {
  readonly value: Value;
  /** On `now`'s scale. */
  readonly askedAt: number;
}

async function platformToken(
  tools: SignInTools,
  claim: SignInClaim,
  credential: JwtCredential,
): Promise<string | Failed> {
  const answer = await call<PlatformToken>(tools, 'sign-in', () => tools.calls.signIn(credential));
  if (answer.kind !== 'done') return answer;
  const { token, lifeMs } = answer.value;
  await claim.keepPlatformToken(token, lifeMs * PLATFORM_SHARE);
  return token;
}

async function call<Value>(
  { now, observe }: SignInTools,
  step: SignInStep,
  make: () => Promise<StepAnswer<Value>>,
): Promise<Failed | ({ readonly kind: 'done' } & Timed<Value>)> {
  const askedAt = now();
  const answer = await make();
  observe(step, answer);
  return answer.kind === 'done' ? { ...answer, askedAt } : answer;
}

async function publish(
  { now }: SignInTools,
  claim: SignInClaim,
  { value: { token, refreshToken }, askedAt }: Timed<BearerToken>,
): Promise<SignedIn> {
  const lifeMs = lifeOf(token);
  const leftMs = () => lifeMs - (now() - askedAt);
  try {
    if (refreshToken !== undefined) await claim.keepRefreshToken(refreshToken, REFRESH_TOKEN_MS);
    return { kind: 'token', token: await claim.publish({ token, lifeMs, leftMs: leftMs() }) };
  } catch {
    // It is good for this process all the same.
    return { kind: 'token', token: { token, lifeMs, leftMs: leftMs() } };
  }
}

type Granted = Extract<ExchangePermit, { kind: 'granted' }>;

/** @returns the exchanges of this minute that have been spent */
async function spent({ count, giveBack }: Granted, failed: Failed): Promise<number> {
  if (failed.kind !== 'failing' || failed.sent) return count;
  await giveBack();
  return count - 1;
}

async function giveUp(claim: SignInClaim, failed: Failed, exchanges = 0): Promise<SignedIn> {
  const { kind, reason } = failed;
  const trouble: SignInTrouble =
    failed.kind === 'refused' ? { kind, reason, httpStatus: failed.httpStatus } : { kind, reason };
  const forMs = pauseAfter(failed, exchanges);
  await claim.fail(trouble, forMs);
  return { kind: 'trouble', trouble, forMs };
}

function pauseAfter(failed: Failed, exchanges: number): number {
  switch (failed.kind) {
    case 'refused':
      return REFUSED_MS;
    case 'throttled':
      return failed.retryAfterMs ?? THROTTLED_MS;
    case 'failing':
      return FAILING_MS[Math.min(Math.max(exchanges, 1), FAILING_MS.length) - 1] ?? FAILING_MS[0];
  }
}
