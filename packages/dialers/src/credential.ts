import type { Keyring } from '@live-feed/core/crypto/sealing';
import { jwtCredentialSchema, type TokenColumn } from '@live-feed/core/directory/dialer-settings';
import { SEALED } from '@live-feed/core/lead/lead-job';
import type { DialerFamily } from './family.ts';
import type { Credential } from './lead-loader.ts';

/** What a dialer's row keeps to authenticate with, sealed. */
export interface SealedCredentials {
  readonly companyId: string;
  readonly permanentToken: string | null;
  readonly apiAuthToken: string | null;
  readonly jwtCredential: string | null;
}

/** The one that counts: where both are set, which the admin command line never does, it is the token. */
function columnOf(
  family: DialerFamily,
  sealed: SealedCredentials,
): TokenColumn | 'jwtCredential' | undefined {
  if (sealed[family.token] !== null) return family.token;
  return family.signIn !== undefined && sealed.jwtCredential !== null ? 'jwtCredential' : undefined;
}

export function hasCredential(family: DialerFamily, sealed: SealedCredentials): boolean {
  return columnOf(family, sealed) !== undefined;
}

/**
 * @returns undefined where there is none
 * @throws SealError where it cannot be unsealed
 */
export function openCredential(
  family: DialerFamily,
  sealed: SealedCredentials,
  keyring: Keyring,
): Credential | undefined {
  const { companyId } = sealed;
  const column = columnOf(family, sealed);
  if (column === undefined) return undefined;
  const text = keyring.unseal(sealed[column] ?? '', { companyId, column: SEALED[column] });
  return column === 'jwtCredential'
    ? { kind: 'jwt', jwt: jwtCredentialSchema.parse(JSON.parse(text)) }
    : { kind: 'token', token: text };
}
