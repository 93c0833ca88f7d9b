/**
 * Where a dialer is, as far as limits and health go. The dialing system limits an account, which two companies, two dialers then,
 * may share; a hold is a dialer's own, since each has its own token.
 */
export interface DialerAddress {
  readonly dialerId: string;
  /** Of the base URL, with its port if that is not the scheme's own. */
  readonly host: string;
  readonly accountId: string;
}

/** @param dialer as it is configured; a base URL that is none stands for itself */
export function dialerAddress(dialer: {
  readonly id: string;
  readonly baseUrl: string;
  readonly accountId: string;
}): DialerAddress {
  const { id, baseUrl, accountId } = dialer;
  return { dialerId: id, host: URL.canParse(baseUrl) ? new URL(baseUrl).host : baseUrl, accountId };
}

export interface DialerKeys {
  /** A string, the reason, that expires with the hold. */
  readonly hold: string;
  /** A hash: `failures`, `refusals` (of the token) and `throttles` in a row. */
  readonly troubles: string;
  /** A string that expires with the hold: what ops wrote beside theirs. */
  readonly note: string;
}

/** The hash tag keeps an account's keys together, so that one script may look at all of them. */
const accountTag = ({ host, accountId }: DialerAddress) =>
  `{lf:account:${encodeURIComponent(host)}/${encodeURIComponent(accountId)}}`;

export function dialerKeys(address: DialerAddress): DialerKeys {
  const tag = accountTag(address);
  const { dialerId } = address;
  return {
    hold: `${tag}:hold:${dialerId}`,
    troubles: `${tag}:troubles:${dialerId}`,
    note: `${tag}:hold-note:${dialerId}`,
  };
}

/** Dialing systems limit uploads and read-backs apart. */
export type Operation = 'upload' | 'read-back';

export function bucketKey(address: DialerAddress, operation: Operation): string {
  return `${accountTag(address)}:bucket:${operation}`;
}
