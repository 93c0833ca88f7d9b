import * as client from 'openid-client';

/** Who a provider of OpenID Connect says that somebody is. */
export interface Identity {
  /** Undefined if there is none, or the provider has not verified it. */
  readonly verifiedEmail: string | undefined;
}

/** What is kept from the way to the provider until the way back. */
export interface Journey {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface Provider {
  /** @returns where the browser goes, and what is needed when it comes back */
  begin(): Promise<{ readonly url: URL; readonly journey: Journey }>;
  /** @param back the address with which the browser came back @throws if the provider refuses, or an answer is not its own */
  finish(back: URL, journey: Journey): Promise<Identity>;
}

export interface ProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: string;
  readonly redirectUri: string;
}

/** Of each request to the provider. */
const LIMIT_S = 10;

/** Authorisation code with PKCE, state and nonce. The provider's settings are read at the first sign-in, and kept. */
export function createProvider(options: ProviderOptions): Provider {
  const { issuer, clientId, clientSecret, scopes, redirectUri } = options;
  let known: Promise<client.Configuration> | undefined;

  function configuration(): Promise<client.Configuration> {
    known ??= discover().catch((error) => {
      // The next sign-in tries again.
      known = undefined;
      throw error;
    });
    return known;
  }

  function discover(): Promise<client.Configuration> {
    const url = new URL(issuer);
    // Only for a provider on this machine: see the environment.
    const execute = url.protocol === 'http:' ? [client.allowInsecureRequests] : [];
    return client.discovery(url, clientId, clientSecret, undefined, { execute, timeout: LIMIT_S });
  }

  return {
    async begin() {
      const config = await configuration();
      const verifier = client.randomPKCECodeVerifier();
      const journey = { verifier, state: client.randomState(), nonce: client.randomNonce() };
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: scopes,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: journey.state,
        nonce: journey.nonce,
      });
      return { url, journey };
    },
    async finish(back, { state, nonce, verifier }) {
      const config = await configuration();
      const tokens = await client.authorizationCodeGrant(config, back, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('The provider sent no ID token.');
      if (claims['email'] !== undefined) return identityOf(claims);
      return identityOf(await client.fetchUserInfo(config, tokens.access_token, claims.sub));
    },
  };
}

function identityOf(claims: Readonly<Record<string, unknown>>): Identity {
  const { email, email_verified: isVerified } = claims;
  return { verifiedEmail: typeof email === 'string' && isVerified === true ? email : undefined };
}
