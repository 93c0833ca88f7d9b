export const READ_ONLY_REPLICA = 'Redis is a read-only replica; REDIS_URL must lead to the primary.';
export const CLUSTER_NODE =
  'Redis is a node of a cluster: set REDIS_MODE to cluster, and name some of its nodes in REDIS_URL.';
export const SENTINEL =
  'There is a sentinel at REDIS_URL: set REDIS_MODE to sentinel, and REDIS_SENTINEL_NAME.';
/** ioredis does not say why. */
const NO_NODE =
  'No node of the Redis cluster can be reached: check the hosts and ports of REDIS_URL, and whether they use TLS (rediss://).';

/** Errors that Redis answers with. The code may stand anywhere in the message, because a script's error quotes it. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/\bREADONLY\b/, READ_ONLY_REPLICA],
  [/\bMASTERDOWN\b/, 'Redis is a replica that has lost its primary; REDIS_URL must lead to the primary.'],
  [/\bOOM\b/, 'Redis is over its memory limit: raise maxmemory, or remove data of other applications.'],
  [
    /\bMISCONF\b/,
    'Redis cannot save to its disk and therefore takes no writes (MISCONF): check its log and whether the disk is full.',
  ],
  [
    /\bNOREPLICAS\b/,
    'Redis has fewer replicas than it needs to take writes: check min-replicas-to-write and the replicas.',
  ],
  [/\bLOADING\b/, 'Redis is still loading its data.'],
  [/\bBUSY\b/, 'Redis is busy with a script that does not end: see SCRIPT KILL.'],
  [/\bWRONGPASS\b|invalid password/, 'Redis refuses the user or the password of REDIS_URL.'],
  [/\bNOAUTH\b/, 'Redis requires a password, and REDIS_URL has none.'],
  [
    /DB index is out of range|invalid DB index|SELECT is not allowed/,
    'Redis has no database with the number in REDIS_URL.',
  ],
  [/max number of clients/, 'Redis has reached its maximum number of connections: raise maxclients.'],
  [/\bDENIED\b/, 'Redis is in protected mode: it accepts connections from its own machine only.'],
  [/\bCLUSTERDOWN\b/, 'The Redis cluster does not serve all keys: see CLUSTER INFO.'],
  [/\b(?:MOVED|ASK|CROSSSLOT)\b/, CLUSTER_NODE],
  [/cluster support disabled/, 'Redis is not a cluster: set REDIS_MODE to single.'],
  [/unknown command ['`"]set\b/i, SENTINEL],
  [/Unknown RESP type|protocol error/i, 'The server at REDIS_URL does not speak the Redis protocol.'],
  [/Socket timeout|timed out/i, 'Redis does not answer.'],
];

const REFUSED_COMMAND = /\bNOPERM\b|ACL failure|can't run this command|can't access/;
const UNKNOWN_COMMAND = /unknown (?:redis )?command/i;

/** Error codes of a connection that could not be opened, or was lost. */
const CODES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'Nothing listens at the host and port of REDIS_URL'],
  ['ENOTFOUND', 'The host of REDIS_URL is not known'],
  ['EAI_AGAIN', 'The host of REDIS_URL cannot be looked up'],
  [
    'ETIMEDOUT',
    'No connection to Redis in time: check the host, the port, and whether the server uses TLS (rediss://)',
  ],
  ['EHOSTUNREACH', 'The host of REDIS_URL cannot be reached'],
  ['ENETUNREACH', 'The host of REDIS_URL cannot be reached'],
  ['ECONNRESET', 'The connection to Redis was lost'],
  ['EPIPE', 'The connection to Redis was lost'],
]);
const TLS_CODE = /^(?:ERR_SSL|ERR_TLS|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|HOSTNAME_MISMATCH|EPROTO)/;

/** A sentence for people about an error of a connection to Redis. It contains no addresses and no secrets, which the error's message may contain. */
export function describeTrouble(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (/\bsentinels?\b/.test(message)) return describeSentinelTrouble(message);
  // Of a cluster none of whose nodes is of use: what the last one said.
  if (error instanceof Error && 'lastNodeError' in error && error.lastNodeError instanceof Error) {
    return isWithoutReason(error.lastNodeError) ? NO_NODE : describeTrouble(error.lastNodeError);
  }
  const refusal = REFUSALS.find(([pattern]) => pattern.test(message));
  if (refusal !== undefined) return refusal[1];
  if (REFUSED_COMMAND.test(message)) {
    return `Redis refuses ${commandIn(message)} to the user of REDIS_URL: see its ACL.`;
  }
  if (UNKNOWN_COMMAND.test(message)) return `Redis does not know ${commandIn(message)}: it is too old.`;
  const code = codeOf(error);
  const sentence =
    CODES.get(code) ?? (TLS_CODE.test(code) ? 'TLS with Redis fails' : 'Redis cannot be reached');
  return `${sentence} (${code}).`;
}

function describeSentinelTrouble(message: string): string {
  if (/invalid reply/.test(message)) return 'The sentinels know no server called REDIS_SENTINEL_NAME.';
  if (/\b(?:NOAUTH|WRONGPASS)\b|invalid password|without any password/.test(message)) {
    return 'The sentinels refuse REDIS_SENTINEL_USERNAME or REDIS_SENTINEL_PASSWORD, or need them.';
  }
  if (UNKNOWN_COMMAND.test(message)) {
    return 'There is no sentinel at REDIS_URL, but a Redis: name the sentinels there.';
  }
  return 'No sentinel at REDIS_URL can be reached, or says where the server is.';
}

/** None of the sentinels, or of the nodes of a cluster, was of use. */
export function isOfAllHosts(error: Error): boolean {
  return error.message.startsWith('All sentinels are unreachable') || 'lastNodeError' in error;
}

/** A connection ended, which another error explains. */
export function isWithoutReason(error: Error): boolean {
  return error.message === 'Connection is closed.';
}

/** The server is a replica, or became one; another server is the primary. */
export function isReplicasRefusal(error: Error): boolean {
  return /\b(?:READONLY|MASTERDOWN|UNBLOCKED)\b/.test(error.message);
}

export function isCommandRefusal(error: Error): boolean {
  return REFUSED_COMMAND.test(error.message);
}

/** REDIS_URL names a database that the server does not have. ioredis would continue with database 0. */
export function isWrongDatabase(error: Error): boolean {
  return /DB index is out of range|invalid DB index|SELECT is not allowed/.test(error.message);
}

function commandIn(message: string): string {
  const command = /['"`]([a-z|]{2,30})['"`]/i.exec(message)?.[1];
  return command === undefined ? 'a command or a key' : `the command ${command.toUpperCase()}`;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
