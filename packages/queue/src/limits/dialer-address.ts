/**
 * What limits and holds apply to. The dialing system limits an account, which the dialers of two companies may share. A hold applies to one
 * dialer, because each has its own token.
 */
export interface DialerAddress {
  readonly dialerId: string;
  /** Of the base URL, with the port if it is not the default. */
  readonly host: string;
  readonly accountId: string;
}

/** @param dialer its configuration; an invalid base URL is used as the host */
export function dialerAddress(dialer: {
  readonly id: string;
  readonly baseUrl: string;
  readonly accountId: string;
}): DialerAddress {
  const { id, baseUrl, accountId } = dialer;
  return { dialerId: id, host: URL.canParse(baseUrl) ? new URL(baseUrl).host : baseUrl, accountId };
}

export interface DialerKeys {
  /** A string, the reason; expires with the hold. */
  readonly hold: string;
  /** A hash: `failures`, `refusals` (of the token) and `throttles` in a row. */
  readonly troubles: string;
  /** A string, the operator's reason; expires with the hold. */
  readonly note: string;
}

/** The hash tag allows one script to use all keys of an account. */
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

/**
 * Dialing systems limit these separately. `campaigns`: lists of them; `lead-control`: actions on leads that are there. `look` is ours: the share
 * of the read-backs that people's questions about leads may use.
 */
export type Operation = 'upload' | 'read-back' | 'campaigns' | 'lead-control' | 'look';

export function bucketKey(address: DialerAddress, operation: Operation): string {
  return `${accountTag(address)}:bucket:${operation}`;
}
