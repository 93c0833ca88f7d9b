/**
 * One access token for each credential, whatever the number of processes and dialers that use it.
 *
 * Nothing waits while the present token is good. From 60% of its life on, the process that has the claim renews it, and the others go on
 * with the present one. A token that the dialing system has refused is not used again, whatever its end: clocks only save calls.
 */
import type { JwtCredential } from '@live-feed/core/directory/dialer-settings';
import type {
  SharedSignIn,
  SharedToken,
  SignInTrouble,
  TokenStore,
} from '@live-feed/core/directory/token-store';
import { within } from '@live-feed/core/within';
import { renewByRefreshToken, type SignedIn, type SignInTools, signInAnew } from './sign-in-anew.ts';
import { isDue, marginOf } from './token-life.ts';

export type TokenAnswer =
  | { readonly kind: 'token'; readonly token: string; readonly waited: boolean }
  | (SignInTrouble & { readonly forMs: number });

export interface TokenManager {
  /** At once where there is a token; else within `waitMs`. */
  present(credential: JwtCredential): Promise<TokenAnswer>;
  /** Another one than the token that the dialing system has refused, within `waitMs`. */
  renewed(credential: JwtCredential, refused: string): Promise<TokenAnswer>;
  /** Signs in with the credential, whatever token there is, to see whether it works. */
  anew(credential: JwtCredential): Promise<TokenAnswer>;
  /** Resolves once this process does not sign in any more: another one may do so at once. */
  idle(): Promise<void>;
}

export interface TokenManagerOptions extends SignInTools {
  readonly store: TokenStore;
  /** Resolves after that time. */
  readonly pause: (ms: number) => Promise<unknown>;
  /** The longest that a caller waits for a token; the process goes on signing in. */
  readonly waitMs: number;
}

/** Of the documented five a minute one is left for people who try a credential. */
const MOST_EXCHANGES = 4;
const MOST_EXCHANGES_OF_PEOPLE = 5;
const BUSY_PAUSE_MS = 50;
/** Between two looks at a renewal that another process makes, or that has failed. */
const LOOK_AGAIN_MS = 1_000;
/** Credentials that are remembered; beyond it the oldest are looked up again. */
const MOST_KNOWN = 10_000;

/** What this process knows of a credential. */
interface Known {
  token?:
    | { readonly id: string; readonly token: string; readonly endsAt: number; renewAt: number }
    | undefined;
  /** The token that was refused last. */
  refused?: string | undefined;
  flight?: Promise<Turn> | undefined;
}

type Turn =
  /** `isNew`: just got, though it may be the one that was refused. */
  | { readonly kind: 'token'; readonly token: string; readonly isNew?: true }
  | Exclude<TokenAnswer, { kind: 'token' }>
  | { readonly kind: 'busy' };

export function createTokenManager(options: TokenManagerOptions): TokenManager {
  const { store, now, pause, waitMs, claimMs } = options;
  const all = new Map<string, Known>();

  function knownOf(name: string): Known {
    const known = all.get(name) ?? {};
    all.set(name, known);
    const [oldest] = all.keys();
    if (all.size > MOST_KNOWN && oldest !== undefined) all.delete(oldest);
    return known;
  }

  function learn(
    known: Known,
    { id = '', token, lifeMs, leftMs }: Omit<SharedToken, 'id'> & { id?: string },
  ): { kind: 'token'; token: string } {
    const endsAt = now() + leftMs - marginOf(lifeMs);
    known.token = { id, token, endsAt, renewAt: now() + leftMs - lifeMs * 0.4 };
    return { kind: 'token', token };
  }

  /** Kept by the store alone: whoever signs in ends it for all. */
  function inTrouble(known: Known, trouble: SignInTrouble, forMs: number): Turn {
    if (known.token !== undefined) known.token.renewAt = now() + Math.max(forMs, LOOK_AGAIN_MS);
    return goodToken(known) ?? { ...trouble, forMs };
  }

  function goodToken({ token }: Known): { kind: 'token'; token: string } | undefined {
    return token !== undefined && now() < token.endsAt ? { kind: 'token', token: token.token } : undefined;
  }

  /** What the store has. A token that was refused is forgotten by all. */
  async function look(name: string, known: Known): Promise<SharedSignIn> {
    const shared = await store.read(name);
    if (shared.token === undefined || shared.token.token !== known.refused) return shared;
    await store.forget(name, shared.token.id);
    return { ...shared, token: undefined };
  }

  /** Looks at what is shared, and signs in if it has to and may. */
  async function turn(name: string, known: Known, credential: JwtCredential): Promise<Turn> {
    const hadToken = goodToken(known) !== undefined;
    const shared = await look(name, known);
    if (shared.token !== undefined) learn(known, shared.token);
    // Who had none takes a good one at once, due or not.
    const good = goodToken(known);
    if (good !== undefined && shared.token !== undefined && !(hadToken && isDue(shared.token))) return good;
    if (shared.trouble !== undefined) return inTrouble(known, shared.trouble, shared.trouble.leftMs);
    const claim = await store.claim(name, claimMs);
    if (claim === undefined) return waitForOthers(known);
    const { token } = await look(name, known);
    if (token !== undefined && !isDue(token)) {
      await claim.release();
      return learn(known, token);
    }
    const signedIn =
      (await renewByRefreshToken(options, claim)) ??
      (await signInAnew(options, claim, credential, MOST_EXCHANGES));
    return take(known, signedIn);
  }

  function take(known: Known, signedIn: SignedIn): Turn {
    switch (signedIn.kind) {
      case 'token':
        known.refused = undefined;
        return { ...learn(known, signedIn.token), isNew: true };
      case 'trouble':
        return inTrouble(known, signedIn.trouble, signedIn.forMs);
      case 'lost':
        return BUSY;
    }
  }

  function waitForOthers(known: Known): Turn {
    if (known.token !== undefined) known.token.renewAt = now() + LOOK_AGAIN_MS;
    return goodToken(known) ?? BUSY;
  }

  /** One turn at a time; those who come meanwhile share its answer. */
  function fly(name: string, known: Known, credential: JwtCredential): Promise<Turn> {
    known.flight ??= turn(name, known, credential)
      .catch((): Turn => inTrouble(known, STORE_AWAY, LOOK_AGAIN_MS))
      .finally(() => {
        known.flight = undefined;
      });
    return known.flight;
  }

  /** @param refused a token that is no answer */
  async function obtain(credential: JwtCredential, refused?: string): Promise<TokenAnswer> {
    const name = store.nameOf(textOf(credential));
    const known = knownOf(name);
    const giveUpAt = now() + waitMs;
    while (now() < giveUpAt) {
      const answer = await within<Turn, Turn>(fly(name, known, credential), giveUpAt - now(), () => BUSY);
      if (answer.kind === 'token') {
        const { token, isNew } = answer;
        // A host that gives the refused one again is not asked for a third.
        if (isNew === true || token !== refused) return { kind: 'token', token, waited: true };
      } else if (answer.kind !== 'busy') return answer;
      await pause(BUSY_PAUSE_MS);
    }
    return LATE;
  }

  return {
    async present(credential) {
      const name = store.nameOf(textOf(credential));
      const known = knownOf(name);
      const good = goodToken(known);
      const answer = good === undefined ? await obtain(credential) : { ...good, waited: false };
      const { token } = known;
      if (token !== undefined && token.renewAt <= now() && now() < token.endsAt) {
        void fly(name, known, credential);
      }
      return answer;
    },

    async renewed(credential, refused) {
      const name = store.nameOf(textOf(credential));
      const known = knownOf(name);
      known.refused = refused;
      if (known.token?.token === refused) known.token = undefined;
      const good = goodToken(known);
      return good === undefined ? obtain(credential, refused) : { ...good, waited: true };
    },

    async anew(credential) {
      const name = store.nameOf(textOf(credential));
      const known = knownOf(name);
      const giveUpAt = now() + waitMs;
      try {
        for (;;) {
          const claim = await store.claim(name, claimMs);
          if (claim !== undefined) {
            await claim.forgetPlatformToken();
            const answer = take({}, await signInAnew(options, claim, credential, MOST_EXCHANGES_OF_PEOPLE));
            return answer.kind === 'token'
              ? { kind: 'token', token: answer.token, waited: true }
              : answer.kind === 'busy'
                ? LATE
                : answer;
          }
          if (now() > giveUpAt) return LATE;
          await pause(BUSY_PAUSE_MS);
        }
      } catch {
        return { ...STORE_AWAY, forMs: LOOK_AGAIN_MS };
      } finally {
        known.token = undefined;
      }
    },

    async idle() {
      await Promise.all([...all.values()].map(({ flight }) => flight));
    },
  };
}

const BUSY = { kind: 'busy' } as const;
const STORE_AWAY: SignInTrouble = { kind: 'failing', reason: 'nobody can sign in without Redis' };
const LATE: TokenAnswer = { kind: 'failing', reason: 'signing in takes too long', forMs: 0 };

/** The same for the same credential, in any process. */
function textOf({ clientId, clientSecret, jwt }: JwtCredential): string {
  return JSON.stringify([clientId, clientSecret, jwt]);
}
