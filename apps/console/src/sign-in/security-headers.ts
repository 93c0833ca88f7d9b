const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'base-uri': "'self'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
};

/**
 * The pages need only their own files. No other site may frame them, and they load and send nothing elsewhere. Nothing in a page is a
 * script or a style of its own, so an injected one does not run.
 */
const SECURITY_HEADERS = {
  'content-security-policy': written(POLICY),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // With `no-referrer` browsers send forms with `Origin: null`, and the console could not tell that they are its own.
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Pages must not stay in a cache on the user's machine.
  'cache-control': 'no-store',
};

/** @param isTrusted whether browsers trust the connection: over TLS, or on their own machine. Elsewhere they ignore a part, and say so as an error. */
export function securityHeaders(isTrusted: boolean): Readonly<Record<string, string>> {
  return isTrusted ? { ...SECURITY_HEADERS, 'cross-origin-opener-policy': 'same-origin' } : SECURITY_HEADERS;
}

/** Of a host without its port (W3C Secure Contexts §3.1). */
export function isOwnMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}

/** For Bull Board, whose page has style attributes. */
export const BOARD_POLICY = written({
  ...POLICY,
  'style-src': "'self' 'unsafe-inline'",
  'form-action': "'none'",
});

function written(policy: Readonly<Record<string, string>>): string {
  return Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ');
}
