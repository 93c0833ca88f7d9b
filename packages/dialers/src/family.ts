import type { RateWindow, TokenColumn } from '@live-feed/core/directory/dialer-settings';
import type { CampaignSource, LeadControl } from './account.ts';
import type { Exchange, ExchangeRequest } from './http/exchange.ts';
import type { CallLimits, LeadLoader } from './lead-loader.ts';

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
  /** The request header that carries the token, unless a process is configured with another one. */
  readonly authHeader: string;
  /** The documented limits, per account; all windows of a list apply. */
  readonly windows: { readonly upload: readonly RateWindow[]; readonly readBack: readonly RateWindow[] };
  /** What is wrong with an id that no campaign of it can have, for people; undefined for one that it may have. Without it any id is possible. */
  readonly campaignIdProblem?: (campaignId: string) => string | undefined;
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

/** What an adapter makes its calls with. */
export interface LoaderCalls {
  /** Asks once over pooled connections of the family's own. Never throws. */
  readonly exchange: (request: ExchangeRequest) => Promise<Exchange>;
  readonly authHeader: string;
  readonly limits: CallLimits;
  /** Longest answer to an upload that is read, in bytes. */
  readonly maxAnswerBytes: number;
  /** The same for a search, a page of which can hold every lead of an upload. */
  readonly maxSearchBytes: number;
}
