/** Where the Redis is, and how to connect to it. */
export interface RedisServer {
  /** What `nodes` are: the server itself, sentinels that know where it is, or some nodes of a cluster. */
  readonly mode: RedisMode;
  /** One of a single server, otherwise one or more. */
  readonly nodes: readonly RedisNode[];
  /** Of the servers, not of sentinels. */
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  readonly family: number | undefined;
  /** Undefined: without TLS. `ca`: certificates in PEM to trust instead of the system's. */
  readonly tls: { readonly ca?: string } | undefined;
  /** Present with the mode `sentinel`. */
  readonly sentinel?: {
    /** What the sentinels call the server. */
    readonly name: string;
    readonly username: string | undefined;
    readonly password: string | undefined;
  };
}

export const REDIS_MODES = ['single', 'sentinel', 'cluster'] as const;
export type RedisMode = (typeof REDIS_MODES)[number];

export interface RedisNode {
  /** A name or an address, without brackets. */
  readonly host: string;
  /** Undefined: the usual one. */
  readonly port: number | undefined;
}

/** The message says what the URL must be, without its value. */
export class RedisUrlError extends Error {
  override readonly name = 'RedisUrlError';
}

const FORM = /^(rediss?):\/\/(?:(.*)@)?([^@/?#]*)([/?#].*)?$/is;

/** `redis://[user][:password]@host[:port][,host[:port]…][/database]`, or `rediss://` with TLS. @throws RedisUrlError */
export function parseRedisUrl(
  given: string,
): Pick<RedisServer, 'nodes' | 'username' | 'password' | 'database' | 'family' | 'tls'> {
  const [, scheme = '', credentials, hosts = '', rest = ''] = FORM.exec(given) ?? [];
  if (scheme === '') fail('must be a URL that begins with redis:// or rediss://');
  if (/^rediss?:$/i.test(hosts.split(',').at(-1) ?? '')) {
    fail('must name all hosts in one URL, such as redis://:password@host1:6379,host2:6379');
  }
  const head = `${scheme}://${credentials === undefined ? '' : `${credentials}@`}`;
  const urls = hosts.split(',').map((host) => parse(`${head}${host.trim()}${rest}`));
  const [{ username, password, pathname, search, hash }] = urls as [URL, ...URL[]];
  if (!/^\/?(?:\d{1,4})?$/.test(pathname)) {
    fail('must end with the number of a database, or nothing, after the host');
  }
  if (!/^(?:\?family=[046])?$/.test(search)) fail('must have no parameters but family=4 or family=6');
  if (hash !== '') fail('must have no #: write %23 in a password');
  return {
    nodes: urls.map(nodeOf),
    username: decoded(username),
    password: decoded(password),
    database: Number(pathname.slice(1)),
    family: search === '' ? undefined : Number(search.at(-1)),
    tls: scheme.toLowerCase() === 'rediss' ? {} : undefined,
  };
}

/** A single server. @throws RedisUrlError */
export function singleServer(url: string): RedisServer {
  return { mode: 'single', ...parseRedisUrl(url) };
}

function parse(url: string): URL {
  if (!URL.canParse(url)) {
    fail('must be a URL; in its password, write "@ : / ? # %" as "%40 %3A %2F %3F %23 %25"');
  }
  return new URL(url);
}

function nodeOf({ hostname, port }: URL): RedisNode {
  if (hostname === '') fail('must name a host');
  return { host: hostname.replace(/^\[(.+)\]$/, '$1'), port: port === '' ? undefined : Number(port) };
}

function decoded(part: string): string | undefined {
  try {
    return part === '' ? undefined : decodeURIComponent(part);
  } catch {
    return fail('must be a URL in which every % is written as %25');
  }
}

function fail(message: string): never {
  throw new RedisUrlError(message);
}
