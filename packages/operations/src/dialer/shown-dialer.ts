import type { DialerRecord } from '@live-feed/database/directory/lookups';
import { findFamily } from '@live-feed/dialers/families';

/** A dialer's settings as people may see them. */
export type ShownDialer = ReturnType<typeof shownDialer>;

/** A token or credential is never shown: only whether there is one. */
export function shownDialer(dialer: DialerRecord) {
  const { permanentToken, apiAuthToken, jwtCredential, companyId, ...settings } = dialer;
  const family = findFamily(dialer.family);
  const hasToken = (family === undefined ? (permanentToken ?? apiAuthToken) : dialer[family.token]) !== null;
  return { ...settings, hasToken, hasJwtCredential: jwtCredential !== null };
}
