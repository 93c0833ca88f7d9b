import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { checkServerIdentity, createSecureContext } from 'node:tls';
import type pg from 'pg';
import { fail, optional } from './connection-parameters.ts';

/**
 * TLS as libpq reads it from the parameters.
 *
 * @throws ConnectionStringError
 */
export function tlsOf(given: ReadonlyMap<string, string>, host: string): pg.ClientConfig['ssl'] {
  const mode = given.get('sslmode');
  const file = (name: string) => {
    const path = given.get(name);
    return path === undefined ? undefined : readFile(name, path);
  };
  if (mode === undefined || mode === 'disable') {
    const useless = ['sslrootcert', 'sslcert', 'sslkey', 'sslpassword'].find((name) => given.has(name));
    if (useless !== undefined) fail(`must not have ${useless} without an sslmode that uses it`);
    return mode === undefined ? undefined : false;
  }
  if (given.has('sslcert') !== given.has('sslkey')) fail('must have both sslcert and sslkey, or neither');
  const system = given.get('sslrootcert') === 'system';
  if (system && mode !== 'verify-full') fail('must have sslmode=verify-full with sslrootcert=system');
  const ca = system ? undefined : file('sslrootcert');
  const own = {
    ...optional('cert', file('sslcert')),
    ...optional('key', file('sslkey')),
    ...optional('passphrase', given.get('sslpassword')),
    ...optional('ca', ca),
  };
  requireUsable(own);
  if (mode === 'verify-full') {
    // For an address, Node would look for "localhost" in the certificate.
    return { ...own, checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate) };
  }
  if (mode === 'verify-ca' && ca === undefined) fail('must have sslrootcert with sslmode=verify-ca');
  // As libpq: with a root certificate, "require" verifies it as well.
  return ca === undefined
    ? { ...own, rejectUnauthorized: false }
    : { ...own, checkServerIdentity: () => undefined };
}

/** Node would report a wrong key only when it connects, and a wrong `ca` never. */
function requireUsable({
  ca,
  ...own
}: {
  ca?: string;
  cert?: string;
  key?: string;
  passphrase?: string;
}): void {
  try {
    createSecureContext(own);
  } catch {
    fail(
      'must name a certificate and its key under sslcert and sslkey, both PEM, with sslpassword if the key has one',
    );
  }
  try {
    if (ca !== undefined) new X509Certificate(ca);
  } catch {
    fail('must name a file with certificates under sslrootcert, as PEM');
  }
}

function readFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return fail(`must name a file under ${name} that can be read`);
  }
}
