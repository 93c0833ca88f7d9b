import { Secret, TOTP } from 'otpauth';

/** RFC 6238, as every authenticator app knows it: six digits, every 30 s. */
const PERIOD_S = 30;
const SECRET_BYTES = 20;
const ISSUER = 'Live Feed';
/** A code is also taken one period early and late: clocks of phones differ. */
const WINDOW = 1;

/** A new secret, in base32. */
export function newTotpSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

/** What an authenticator app reads. @param name of the person */
export function totpUri(secret: string, name: string): string {
  return totp(secret, name).toString();
}

/**
 * The time step of a code: a later code has a greater one.
 *
 * @param code spaces are left out
 * @returns undefined if the code is wrong
 */
export function totpStep(secret: string, code: string, nowMs: number): number | undefined {
  const token = code.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const delta = totp(secret).validate({ token, timestamp: nowMs, window: WINDOW });
  return delta === null ? undefined : Math.floor(nowMs / 1_000 / PERIOD_S) + delta;
}

function totp(secret: string, label = ''): TOTP {
  return new TOTP({ issuer: ISSUER, label, secret: Secret.fromBase32(secret), digits: 6, period: PERIOD_S });
}
