import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { checkServerIdentity, createSecureContext } from 'node:tls';
import type pg from 'pg';
import { z } from 'zod';
import { PINNED_NAMES } from './session-settings.ts';

/** The settings in DATABASE_URL. */
export interface ConnectionSettings {
  readonly config: pg.ClientConfig;
  /** Where the tables are. */
  readonly schema: string;
  /** The way leads through a pooler that gives each transaction another session (`pgbouncer=true`). */
  readonly pooled: boolean;
}

/** The message names what is wrong, but no value: any value may be part of the password. */
export class ConnectionStringError extends Error {
  override readonly name = 'ConnectionStringError';
}

/** A variable that holds a connection string, kept as text. */
export function databaseUrlSchema() {
  const error = 'must be a URL that begins with postgresql:// or postgres://';
  return z.string({ error }).superRefine((given, context) => {
    try {
      readConnectionString(given);
    } catch (problem) {
      const message = problem instanceof ConnectionStringError ? problem.message : error;
      context.addIssue({ code: 'custom', message });
    }
  });
}

/**
 * Every parameter is honoured as libpq does, or refused by name: none is ignored.
 *
 * @throws ConnectionStringError
 */
export function readConnectionString(text: string): ConnectionSettings {
  const url = parse(text);
  const given = parametersOf(url);
  const host = given.get('host') ?? decode(url.hostname.replace(/^\[(.+)\]$/, '$1'), 'host');
  if (host.includes(',')) fail('must name one host; for a failover use a name or an address that moves');
  const config: pg.ClientConfig = {
    ...optional('host', host),
    ...optional('port', portOf(given.get('port') ?? url.port)),
    ...optional('user', given.get('user') ?? decode(url.username, 'user')),
    ...optional('password', given.get('password') ?? decode(url.password, 'password')),
    ...optional('database', given.get('dbname') ?? decode(url.pathname.slice(1), 'database')),
    ...optional('application_name', given.get('application_name')),
    ...optional('options', optionsOf(given.get('options'))),
    ...optional('ssl', tlsOf(given, host)),
    ...optional('connectionTimeoutMillis', timeoutOf(given.get('connect_timeout'))),
    ...optional('enableChannelBinding', given.get('channel_binding') === 'prefer' || undefined),
  };
  return { config, schema: given.get('schema') ?? 'public', pooled: given.get('pgbouncer') === 'true' };
}

/** Undefined: any value will do. */
const PARAMETERS: Readonly<Record<string, readonly string[] | undefined>> = {
  host: undefined,
  port: undefined,
  user: undefined,
  password: undefined,
  dbname: undefined,
  schema: undefined,
  application_name: undefined,
  options: undefined,
  connect_timeout: undefined,
  sslmode: ['disable', 'require', 'verify-ca', 'verify-full'],
  sslrootcert: undefined,
  sslcert: undefined,
  sslkey: undefined,
  sslpassword: undefined,
  pgbouncer: ['true', 'false'],
  // What is so in any case.
  channel_binding: ['disable', 'prefer'],
  client_encoding: ['utf8', 'UTF8', 'utf-8', 'UTF-8'],
  gssencmode: ['disable', 'prefer'],
  target_session_attrs: ['any'],
};

/** What people write who come from elsewhere. */
const INSTEAD: Readonly<Record<string, string>> = {
  connection_limit: 'set INGRESS_DATABASE_CONNECTIONS and WORKER_DATABASE_CONNECTIONS',
  pool_timeout: 'how long a connection is waited for is fixed',
  ssl: 'write sslmode',
};

function parse(text: string): URL {
  if (!/^postgres(ql)?:\/\//i.test(text) || !URL.canParse(text)) {
    fail(
      'must be a URL that begins with postgresql:// or postgres://; in its password, write "@ : / ? # %" as "%40 %3A %2F %3F %23 %25"',
    );
  }
  // The server would read the text up to there only.
  if (/%00/.test(text)) fail('must not have %00 in it');
  const url = new URL(text);
  // What looks like these is a password that was not escaped.
  if (url.hash !== '' || /[@/]/.test(url.pathname.slice(1)) || url.search.includes('@')) {
    fail('must have "/ ? # @" escaped where they are part of a name or a password: write "%2F %3F %23 %40"');
  }
  return url;
}

function parametersOf(url: URL): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (!/^[a-z_]{1,40}$/.test(name)) fail('must not have a parameter without a proper name');
    if (!Object.hasOwn(PARAMETERS, name)) {
      const instead = INSTEAD[name] ?? `known are ${Object.keys(PARAMETERS).join(', ')}`;
      fail(`must not have the parameter ${name}: ${instead}`);
    }
    if (given.has(name)) fail(`must not have the parameter ${name} twice`);
    const allowed = PARAMETERS[name];
    if (value === '' || allowed?.includes(value) === false) {
      fail(`must have another value of ${name}: ${adviceOn(name, allowed)}`);
    }
    given.set(name, value);
  }
  return given;
}

function adviceOn(name: string, allowed: readonly string[] | undefined): string {
  const values = allowed === undefined ? 'it must not be empty' : `it may be ${allowed.join(', ')}`;
  // These modes continue without encryption if the server, or an attacker between, asks for it.
  return name === 'sslmode' ? `${values}; allow and prefer protect nothing` : values;
}

function portOf(text: string): number | undefined {
  if (text === '') return undefined;
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port < 65_536 ? port : fail('must have a port from 1 to 65535');
}

function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^[1-9]$|^[1-5][0-9]$|^60$/.test(text)
    ? Number(text) * 1_000
    : fail('must have a connect_timeout of 1 to 60 seconds');
}

/** Sent when a connection begins; what is set then counts more. */
function optionsOf(text: string | undefined): string | undefined {
  const pinned = PINNED_NAMES.find((name) => text?.toLowerCase().includes(name.toLowerCase()));
  if (pinned === undefined) return text;
  return fail(
    `must not have options with ${pinned}, which is set for each connection${pinned === 'search_path' ? ': write schema=' : ''}`,
  );
}

function tlsOf(given: ReadonlyMap<string, string>, host: string): pg.ClientConfig['ssl'] {
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
    // Node would look for "localhost" in the certificate where the host is an address.
    return { ...own, checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate) };
  }
  if (mode === 'verify-ca' && ca === undefined) fail('must have sslrootcert with sslmode=verify-ca');
  // As libpq: with a root certificate, "require" verifies it as well.
  return ca === undefined
    ? { ...own, rejectUnauthorized: false }
    : { ...own, checkServerIdentity: () => undefined };
}

/** Node would tell of it at each connection, and of `ca` never. */
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

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return fail(`must have every "%" in its ${what} written as "%25"`);
  }
}

/** Undefined and empty are left to the driver. */
function optional<Name extends string, Value>(name: Name, value: Value | undefined): { [N in Name]?: Value } {
  return (value === undefined || value === '' ? {} : { [name]: value }) as { [N in Name]?: Value };
}

function fail(problem: string): never {
  throw new ConnectionStringError(problem);
}
