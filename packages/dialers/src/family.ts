import type { RateWindow, TokenColumn } from '@live-feed/core/directory/dialer-settings';
import type { TokenStore } from '@live-feed/core/directory/token-store';
import type { CampaignSource, LeadControl } from './account.ts';
import type { Authorise, AuthorisedExchange } from './http/authorise.ts';
import type { Exchange, ExchangeRequest } from './http/exchange.ts';
import type { CallLimits, LeadLoader, UploadRequest } from './lead-loader.ts';

/**
 * A kind of dialing system: all that Live Feed knows of it. It describes and does no I/O, so that every process can import it.
 * `docs/adding-a-dialer-family.md` has the steps for a new one.
 */
export interface DialerFamily {
  /** As dialers are configured with it, lower case. Rows and metrics have it: it never changes. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** What its token is called in a dialer's configuration, and the column that keeps it, sealed. */
  readonly token: TokenColumn;
  /** Absent where a dialer must have a token: with it, a JWT credential is as good. */
  readonly signIn?: (calls: SignInCalls) => Authorise;
  /** The request header that carries the token, unless a process is configured with another one. */
  readonly authHeader: string;
  /** The documented limits, per account; all windows of a list apply. */
  readonly windows: { readonly upload: readonly RateWindow[]; readonly readBack: readonly RateWindow[] };
  /** What is wrong with an id that no campaign of it can have, for people; undefined for one that it may have. Without it any id is possible. */
  readonly campaignIdProblem?: (campaignId: string) => string | undefined;
  /** The body of an upload, as JSON: its loader sends that. */
  uploadBody(request: UploadRequest): Readonly<Record<string, unknown>>;
  /** Makes its adapter: the wire format. */
  createLoader(calls: LoaderCalls): LeadLoader;
  /** Absent where its campaigns cannot be listed. */
  readonly campaigns?: Ability<CampaignSource>;
  /** Absent where a lead that has been loaded can neither be cancelled nor shown. */
  readonly leadControl?: Ability<LeadControl>;
}

/** What only some dialing systems can do. */
export interface Ability<Port> {
  /** As the others: per account, for its requests alone. */
  readonly windows: readonly RateWindow[];
  create(calls: LoaderCalls): Port;
}

/** A call that signs in: for an access token of RingCentral, its exchange for one of RingCX, and the renewal of that one. */
export type SignInStep = 'sign-in' | 'exchange' | 'refresh';

/** The only hosts that a JWT credential and the tokens got with it are sent to, without a trailing slash. */
export interface SignInHosts {
  /** `https://platform.ringcentral.com` */
  readonly platformUrl: string;
  /** `https://ringcx.ringcentral.com` */
  readonly ringcxUrl: string;
}

export interface SignInOptions extends SignInHosts {
  readonly store: TokenStore;
  /** Called after each call that signs in; `reason` has no secrets. */
  readonly observe?: (
    step: SignInStep,
    result: 'done' | 'refused' | 'throttled' | 'failing',
    reason: string | undefined,
  ) => void;
}

/** What a family signs in with. */
export type SignInCalls = Pick<LoaderCalls, 'exchange' | 'authHeader' | 'limits'> & SignInOptions;

/** What an adapter makes its calls with. */
export interface LoaderCalls {
  /** Asks once over pooled connections of the family's own. Never throws. */
  readonly exchange: (request: ExchangeRequest, limits?: CallLimits) => Promise<Exchange>;
  /** The same with what the account authenticates with. */
  readonly call: AuthorisedExchange;
  readonly authorise: Authorise;
  readonly authHeader: string;
  readonly limits: CallLimits;
  /** Longest answer to an upload that is read, in bytes. */
  readonly maxAnswerBytes: number;
  /** The same for a search, a page of which can hold every lead of an upload. */
  readonly maxSearchBytes: number;
}
