/** The message contains no value, because any value may be part of the password. */
export class ConnectionStringError extends Error {
  override readonly name = 'ConnectionStringError';
}

/** Undefined allows any value. */
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
  // Accepted, because these values are what happens anyway.
  channel_binding: ['disable', 'prefer'],
  client_encoding: ['utf8', 'UTF8', 'utf-8', 'UTF-8'],
  gssencmode: ['disable', 'prefer'],
  target_session_attrs: ['any'],
};

/** Parameters of Prisma and other drivers. */
const INSTEAD: Readonly<Record<string, string>> = {
  connection_limit: 'set INGRESS_DATABASE_CONNECTIONS and WORKER_DATABASE_CONNECTIONS',
  pool_timeout: 'the wait for a connection is fixed',
  ssl: 'write sslmode',
};

/** @throws ConnectionStringError for an unknown, repeated or wrong parameter */
export function readParameters(url: URL): ReadonlyMap<string, string> {
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
  // With these modes, a server or an attacker can turn encryption off.
  return name === 'sslmode' ? `${values}; allow and prefer protect nothing` : values;
}

/** Undefined and empty are left to the driver. */
export function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [N in Name]?: Value } {
  return (value === undefined || value === '' ? {} : { [name]: value }) as { [N in Name]?: Value };
}

export function fail(problem: string): never {
  throw new ConnectionStringError(problem);
}
