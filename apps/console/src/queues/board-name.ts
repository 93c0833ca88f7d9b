import type { DialerName } from '@live-feed/database/directory/dialer-names';

/** What a part of an address, which is decoded more than once, cannot have. */
const NOT_IN_ADDRESSES = /[%/\\?#]/g;

/** A dialer's queue on the board: `Acme Solar (ringcx)`. A company has one dialer, so no two are the same. */
export function boardName({ companyName, family, dialerId }: DialerName): string {
  const name = `${companyName} (${family})`;
  const safe = name.replaceAll(NOT_IN_ADDRESSES, '-');
  return safe === name ? name : `${safe} ${dialerId.slice(-6)}`;
}
