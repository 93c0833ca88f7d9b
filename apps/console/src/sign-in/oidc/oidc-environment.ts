import { ROLES } from '@live-feed/core/directory/role';
import { oneOf, text, url } from '@live-feed/runtime/configuration/environment-kinds';
import type { z } from 'zod';
import type { OidcOptions } from './oidc-options.ts';

/** The variables of signing in with OpenID Connect. */
export const oidcVariables = {
  CONSOLE_OIDC_ISSUER: url(['https', 'http'])
    .refine(isProtected, { error: 'must be a URL that begins with https://, or be on this machine' })
    .optional()
    .describe('the issuer of a provider of OpenID Connect that people may sign in with'),
  CONSOLE_OIDC_CLIENT_ID: text().optional().describe('the id that the provider gave the console'),
  CONSOLE_OIDC_CLIENT_SECRET: text().optional().describe('the secret that the provider gave the console'),
  CONSOLE_OIDC_SCOPES: text()
    .default('openid email')
    .describe("what is asked of the provider; among it the person's e-mail address"),
  CONSOLE_OIDC_ROLE: oneOf(ROLES)
    .optional()
    .describe(
      'the role of people whom the provider knows and the console does not; without it they are refused',
    ),
};

type OidcEnvironment = {
  readonly [Name in keyof typeof oidcVariables]?: z.infer<(typeof oidcVariables)[Name]> | undefined;
} & { readonly CONSOLE_PUBLIC_URL?: string | undefined };

/** What belongs together is set together. */
export function checkOidc(env: OidcEnvironment, context: z.RefinementCtx): void {
  const { CONSOLE_OIDC_ISSUER: issuer } = env;
  const needed = ['CONSOLE_OIDC_CLIENT_ID', 'CONSOLE_OIDC_CLIENT_SECRET', 'CONSOLE_PUBLIC_URL'] as const;
  for (const name of issuer === undefined ? [] : needed) {
    if (env[name] !== undefined) continue;
    context.addIssue({ code: 'custom', path: [name], message: 'must be set if CONSOLE_OIDC_ISSUER is' });
  }
  if (issuer === undefined && env.CONSOLE_OIDC_CLIENT_ID !== undefined) {
    const message = 'must be set if CONSOLE_OIDC_CLIENT_ID is';
    context.addIssue({ code: 'custom', path: ['CONSOLE_OIDC_ISSUER'], message });
  }
}

/** @returns undefined if people sign in with passwords only */
export function oidcOptionsOf(env: OidcEnvironment): OidcOptions | undefined {
  const { CONSOLE_OIDC_ISSUER: issuer, CONSOLE_OIDC_CLIENT_ID: clientId } = env;
  const { CONSOLE_OIDC_CLIENT_SECRET: clientSecret, CONSOLE_OIDC_SCOPES: scopes = 'openid email' } = env;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return undefined;
  return { issuer, clientId, clientSecret, scopes, newRole: env.CONSOLE_OIDC_ROLE };
}

function isProtected(given: string): boolean {
  const { protocol, hostname } = new URL(given);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}
