import type { Role } from '@live-feed/core/directory/role';

/** A provider of OpenID Connect, and what becomes of people whom it alone knows. */
export interface OidcOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Separated by spaces; `openid` among them. */
  readonly scopes: string;
  /** The console adds them with it; undefined: it refuses them. */
  readonly newRole: Role | undefined;
}
