/**
 * What all processes share of signing in to a dialing system: one access token for each credential, and the right to get the next one.
 * Lives are durations that the store counts down: no process compares them with a time of day.
 */
export interface TokenStore {
  /** The name that a credential is shared under; it does not reveal the credential. */
  nameOf(credential: string): string;
  /** @throws if the store is unavailable, as all others do */
  read(name: string): Promise<SharedSignIn>;
  /** Removes the access token, if it is still that one. */
  forget(name: string, tokenId: string): Promise<void>;
  /** The right to sign in, which one process has at a time; undefined while another has it. */
  claim(name: string, forMs: number): Promise<SignInClaim | undefined>;
}

export interface SharedSignIn {
  readonly token: SharedToken | undefined;
  /** Why no token can be had at the moment. */
  readonly trouble: (SignInTrouble & { readonly leftMs: number }) | undefined;
}

export interface SharedToken {
  /** Of the token, for `forget`. */
  readonly id: string;
  readonly token: string;
  /** From when it was asked for to its end. */
  readonly lifeMs: number;
  readonly leftMs: number;
}

export interface SignInTrouble {
  readonly kind: 'refused' | 'throttled' | 'failing';
  /** Short, for people; without anything that was sent or answered. */
  readonly reason: string;
  readonly httpStatus?: number | undefined;
}

/** Ends with `publish`, `fail` or `release`, or after its time. */
export interface SignInClaim {
  /** @returns false if the claim has been lost */
  extend(forMs: number): Promise<boolean>;
  /** Removes it, since it can be used once. */
  takeRefreshToken(): Promise<string | undefined>;
  keepRefreshToken(token: string, forMs: number): Promise<void>;
  /** The access token that is exchanged for the dialing system's. */
  readPlatformToken(): Promise<string | undefined>;
  keepPlatformToken(token: string, forMs: number): Promise<void>;
  forgetPlatformToken(): Promise<void>;
  /** The right to one exchange. @param most in any minute, by all processes */
  takeExchange(most: number): Promise<ExchangePermit>;
  /** For all, unless the claim has been lost: another process may have a newer one. */
  publish(token: Omit<SharedToken, 'id'>): Promise<SharedToken>;
  /** Tells all, unless the claim has been lost. */
  fail(trouble: SignInTrouble, forMs: number): Promise<void>;
  release(): Promise<void>;
}

export type ExchangePermit =
  /** `count`: of this minute, this one included. `giveBack`: for an exchange that was not made. */
  | { readonly kind: 'granted'; readonly count: number; giveBack(): Promise<void> }
  | { readonly kind: 'wait'; readonly waitMs: number };
