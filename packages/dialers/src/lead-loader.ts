import type { JwtCredential } from '@live-feed/core/directory/dialer-settings';

/**
 * The port to a dialing system's import API, its *lead loader*. One adapter per dialer family implements it;
 * everything behind it (URLs, headers, HTTP statuses) is known to this package only.
 */

import type { Fields, Options } from '@live-feed/core/lead/lead-request';

/** How to reach one company's account on a dialing system. */
export interface DialerAccount {
  /** e.g. `https://ringcx.ringcentral.com/voice/api`, without a trailing slash. */
  readonly baseUrl: string;
  readonly accountId: string;
  readonly credential: Credential;
}

/** What a dialer authenticates with, unsealed. Never logged. */
export type Credential =
  /** An API token; sent only to the host of `baseUrl`. */
  | { readonly kind: 'token'; readonly token: string }
  /** Exchanged for access tokens at the configured hosts; they are sent to RingCX's alone. */
  | { readonly kind: 'jwt'; readonly jwt: JwtCredential };

/** One lead as a lead loader takes it. Absent fields are left out of the request: empty strings can get a lead rejected. */
export interface UploadLead {
  /** Our lead id; the handle for read-back. */
  readonly externId: string;
  /** 10 digits. */
  readonly phone: string;
  /** 10 digits; absent means the campaign's own caller ID. */
  readonly callerId?: string;
  /** By the names in `lead-fields.ts` of core. */
  readonly fields: Fields;
}

/** One call: leads of one campaign with equal options. */
export interface UploadRequest {
  readonly campaignId: string;
  /** Of `OPTION_FIELDS` and those that `optionsAsSent` adds; forwarded as they are. */
  readonly options: Options;
  readonly leads: readonly UploadLead[];
}

/** What the answer to an upload means for one of its leads. Responses are JSON text, as the lead's caller receives it. */
export type LeadVerdict =
  | { readonly kind: 'accepted' | 'rejected'; readonly response: string }
  /**
   * Taken, but not all that were taken were inserted, and the answer does not say which ones. Read-back can tell. Never to be sent again.
   */
  | {
      readonly kind: 'accepted_unconfirmed';
      readonly response: string;
      readonly ifPresent: string;
      readonly ifAbsent: string;
    }
  /** Some were refused, and the answer does not say which ones: a lead that read-back does not find was among them. */
  | { readonly kind: 'undecided'; readonly ifAbsent: string }
  /** The answer contradicts itself, so only read-back counts. The response is null where the upload had several leads. */
  | { readonly kind: 'contradicted'; readonly response: string | null }
  /** No lead was taken, and nothing says why: any lead of the upload may be the cause. */
  | { readonly kind: 'refused_together' };

/** A dialing system's answer as JSON text: byte for byte as it was sent where that was JSON, else as a JSON string; null where there was none. */
interface Answered {
  readonly httpStatus: number;
  readonly json: string | null;
}

/** What is known of an upload's effect once the call is over. Decide by `kind`; the HTTP status is for the record only. */
export type UploadResult =
  /** It says what became of the leads. */
  | {
      readonly kind: 'answered';
      readonly httpStatus: number;
      /** Whether it says that any lead was taken. */
      readonly tookSome: boolean;
      /** In the order of the upload. */
      readonly verdicts: readonly LeadVerdict[];
      readonly json: string;
    }
  /** The content was refused, in the dialing system's own words: nothing is said of the single leads. */
  | ({ readonly kind: 'refused' } & Answered)
  /** In the dialing system's own words, as is `campaign_unknown`. */
  | ({ readonly kind: 'token_refused' } & Answered)
  | ({ readonly kind: 'campaign_unknown' } & Answered)
  /** Asked to slow down. `retryAfterMs` only where the dialing system gave one. */
  | ({ readonly kind: 'throttled'; readonly retryAfterMs?: number } & Answered)
  /**
   * Known to have had no effect: DNS, connection refused, TLS, connect time-out, fence passed before the write, no access token.
   * `retryAfterMs` where signing in was asked to slow down.
   */
  | { readonly kind: 'never_sent'; readonly reason: string; readonly retryAfterMs?: number }
  /**
   * A whole answer in other words than the dialing system's: a proxy's or a firewall's page, a redirect. Whether the upload had an
   * effect must be verified, but nothing of it is under way any more. `retryAfterMs` where it asked for a pause.
   */
  | ({ readonly kind: 'foreign'; readonly reason: string; readonly retryAfterMs?: number } & Answered)
  /**
   * It may have had an effect, or have it still: time-out or reset after writing, a failure, an unreadable success. Must be verified.
   * `unreadable`: a success whose body could not be read; with fewer leads it may be small enough.
   */
  | {
      readonly kind: 'unknown';
      readonly reason: string;
      readonly unreadable: boolean;
      readonly httpStatus?: number;
      readonly json: string | null;
    };

export type ReadBackResult =
  /** The leads of ours that the dialing system has; those that are missing were absent at that moment. */
  | { readonly kind: 'found'; readonly externIds: readonly string[] }
  | { readonly kind: 'throttled'; readonly retryAfterMs?: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** What a harmless request shows about an account. `reason` is short, for people, and quotes nothing that was sent or answered. */
export type CheckResult =
  | { readonly kind: 'works' }
  | { readonly kind: 'token_refused'; readonly reason: string }
  /** The account, or the base URL. */
  | { readonly kind: 'not_found'; readonly reason: string }
  | { readonly kind: 'throttled'; readonly retryAfterMs?: number }
  /** Not a byte was sent: DNS, connection refused, TLS, connect time-out, or a base URL and account id that make no URL. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** It was sent, and not answered as a dialing system does: time-out, reset, 5xx, redirect, unreadable. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface CallLimits {
  /** TCP + TLS. */
  readonly connectMs: number;
  /** From the start of the write to the end of the answer. */
  readonly uploadMs: number;
}

export interface LeadLoader {
  /**
   * Gets at hand what a call to the account needs: an access token. Resolves at once where it is, and in a few seconds in any case.
   * Nothing depends on it.
   */
  prepare?(account: DialerAccount): Promise<void>;
  /** Whether the dialing system can be asked which leads it has; without that an unknown outcome cannot be settled. */
  readonly canReadBack: boolean;
  /**
   * Makes exactly one attempt: no retry, no redirect; except after the words that an access token has ended, which had no effect. Never
   * throws for what the dialing system or the network does.
   *
   * @param mayWrite the fence: asked immediately before the first byte is written; false → `never_sent`.
   * @param mayRepeat awaited where a call is made later than at once: after waiting for an access token, or again; false → `never_sent`.
   * Without it no such call is made
   */
  upload(
    account: DialerAccount,
    request: UploadRequest,
    mayWrite: () => boolean,
    mayRepeat?: () => Promise<boolean>,
  ): Promise<UploadResult>;
  /**
   * Called only where `canReadBack`.
   *
   * @param mayAsk awaited before each request, of which there may be several; false → `throttled`
   */
  readBack(
    account: DialerAccount,
    campaignId: string,
    externIds: readonly string[],
    mayAsk: () => Promise<boolean>,
  ): Promise<ReadBackResult>;
  /**
   * Asks for a lead that cannot exist: one request, under the read-back's limits, that changes nothing. Never throws for what the
   * dialing system or the network does. With a JWT credential it signs in anew.
   */
  check(account: DialerAccount, campaignId: string): Promise<CheckResult>;
}
