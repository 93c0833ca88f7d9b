/**
 * The port to a dialing system's import API, its *lead loader*. One adapter per dialer family implements it;
 * everything behind it (URLs, headers, HTTP statuses) is known to this package only.
 */

import type { UploadAnswer } from '@live-feed/core/upload/dialer-response';
import type { DialerFamily } from './family.ts';
import type { Said } from './http/parse-answer.ts';

/** How to reach one company's account on a dialing system. */
export interface DialerAccount {
  /** e.g. `https://ringcx.ringcentral.com/voice/api`, without a trailing slash. */
  readonly baseUrl: string;
  readonly accountId: string;
  /** The unsealed API token. Never logged; sent only to the host of `baseUrl`. */
  readonly token: string;
}

/** One lead as a lead loader takes it. Absent fields are left out of the request: empty strings can get a lead rejected. */
export interface UploadLead {
  /** Our lead id; the handle for read-back. */
  readonly externId: string;
  /** 10 digits. */
  readonly leadPhone: string;
  /** 10 digits; absent means the campaign's own caller ID. */
  readonly callerId?: string;
  /** firstName, lastName, email, address1, address2, city, state, zip, auxData1 … auxData5. */
  readonly fields: Readonly<Record<string, string>>;
}

/** One call: leads of one campaign with equal options. */
export interface UploadRequest {
  readonly campaignId: string;
  /** description?, dialPriority, duplicateHandling, listState, timeZoneOption; forwarded as they are. */
  readonly options: Readonly<Record<string, string>>;
  readonly leads: readonly UploadLead[];
}

/**
 * What is known of an upload's effect once the call is over.
 *
 * `body` is the dialing system's answer: parsed JSON, else its text, else null. `json` is the same as JSON text, byte for byte as it
 * was sent where that was JSON.
 */
export type UploadResult =
  /** 2xx with acceptance counts; per-lead outcomes follow from `body`. */
  | {
      readonly kind: 'answered';
      readonly httpStatus: number;
      readonly body: UploadAnswer;
      readonly json: string;
    }
  /** 400, 413, 422 or another 4xx about the content, in the dialing system's own words: nothing is said of the single leads. */
  | ({ readonly kind: 'refused'; readonly httpStatus: number } & Said)
  /** 401, 403, 404 in the dialing system's own words: the account, its token or the campaign. */
  | ({ readonly kind: 'not_allowed'; readonly httpStatus: 401 | 403 | 404 } & Said)
  /** 429. `retryAfterMs` only where the dialing system gave one. */
  | ({ readonly kind: 'throttled'; readonly httpStatus: 429; readonly retryAfterMs?: number } & Said)
  /** Known to have had no effect: DNS, connection refused, TLS, connect time-out, fence passed before the write. */
  | { readonly kind: 'never_sent'; readonly reason: string; readonly body: null }
  /**
   * A whole answer in other words than the dialing system's: a proxy's or a firewall's page, a redirect. Whether the upload had an
   * effect must be verified, but nothing of it is under way any more. `retryAfterMs` where it asked for a pause.
   */
  | ({
      readonly kind: 'foreign';
      readonly reason: string;
      readonly httpStatus: number;
      readonly retryAfterMs?: number;
    } & Said)
  /** It may have had an effect, or have it still: time-out or reset after writing, 5xx, unreadable 2xx. Must be verified. */
  | ({ readonly kind: 'unknown'; readonly reason: string; readonly httpStatus?: number } & Said);

/** A lead found by read-back. */
export interface FoundLead {
  readonly externId: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export type ReadBackResult =
  /** The leads of ours that the dialing system holds; whoever is missing was absent at that moment. */
  | { readonly kind: 'found'; readonly leads: readonly FoundLead[] }
  | { readonly kind: 'throttled'; readonly retryAfterMs?: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** What a harmless request tells of an account. `reason` is short, for people, and quotes nothing that was sent or answered. */
export type CheckResult =
  | { readonly kind: 'works' }
  /** 401, 403. */
  | { readonly kind: 'token_refused'; readonly reason: string }
  /** 404: the account, or the base URL. */
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
  readonly family: DialerFamily;
  /**
   * Makes exactly one attempt: no retry, no redirect. Never throws for what the dialing system or the network does.
   * @param mayWrite the fence: asked immediately before the first byte is written; false → `never_sent`.
   */
  upload(account: DialerAccount, request: UploadRequest, mayWrite: () => boolean): Promise<UploadResult>;
  /**
   * Called only where the family can read back.
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
   * dialing system or the network does.
   */
  check(account: DialerAccount, campaignId: string): Promise<CheckResult>;
}
