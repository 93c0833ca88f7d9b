import { z } from 'zod';
import { PoolerModeError } from './connections.ts';
import { SessionSettingsError } from './settings/session-settings.ts';

/** Explains database errors to operators. Contains no host, user, database or password, because /readyz shows it. */

const BY_CODE: Readonly<Record<string, string>> = {
  '25006':
    'the database does not take writes: it is read-only (a standby, or default_transaction_read_only is on)',
  '53100': 'the database does not take writes: its disk is full',
  '58030': 'the database does not take writes: its disk fails',
  '53200': 'the database does not take writes: it is out of memory',
  '55P03': 'the database does not take writes in time: it waits for a lock',
  '57014':
    'the database does not take writes in time: it waits for a lock, or for an earlier write to commit (is a synchronous standby away?)',
  '53300': 'the database has no connection left: raise max_connections, or run fewer processes',
  '08P01': 'a pooler refuses this connection, or one of its settings',
  '26000': 'DATABASE_URL leads through a pooler in transaction mode: add pgbouncer=true to its parameters',
  '42P05': 'DATABASE_URL leads through a pooler in transaction mode: add pgbouncer=true to its parameters',
  '57P01': 'the database is being stopped',
  '57P02': 'the database restarts after a crash',
  '57P03': 'the database takes no connections: it is starting, stopping or recovering',
  '28P01': 'the database refuses the password in DATABASE_URL',
  '28000': 'the database refuses the user, the host or the encryption of this connection (pg_hba.conf)',
  '3D000': 'the database named in DATABASE_URL does not exist',
  '3F000': 'the schema named in DATABASE_URL does not exist: run "npm run migrate"',
  '42P01': 'the tables are not up to date: run "npm run migrate"',
  '42703': 'the tables are not up to date: run "npm run migrate"',
  '42501': 'the user in DATABASE_URL lacks rights on the tables',
  ECONNREFUSED: 'nothing listens at the host and port in DATABASE_URL',
  ENOTFOUND: 'the host in DATABASE_URL is not known',
  EAI_AGAIN: 'the host in DATABASE_URL cannot be looked up at the moment',
  EHOSTUNREACH: 'the host in DATABASE_URL cannot be reached',
  ENETUNREACH: 'the host in DATABASE_URL cannot be reached',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'the certificate of the database is not trusted: give sslrootcert, or sslmode=require to encrypt only',
  SELF_SIGNED_CERT_IN_CHAIN:
    'the certificate of the database is not trusted: give sslrootcert, or sslmode=require to encrypt only',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the certificate of the database is not trusted: give sslrootcert, or sslmode=require to encrypt only',
  CERT_HAS_EXPIRED: 'the certificate of the database has expired',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'the certificate of the database is for another host: use sslmode=verify-ca to accept that',
  ENOENT: 'there is no socket at the path in DATABASE_URL',
};

/** A heartbeat that was not committed in time. */
export class LateError extends Error {
  override readonly name = 'LateError';
  readonly phase: 'connecting' | 'writing';

  constructor(phase: 'connecting' | 'writing', ms: number) {
    super(`The database did not answer within ${ms} ms while ${phase}.`);
    this.phase = phase;
  }
}

export function describeTrouble(error: unknown): string {
  if (error instanceof LateError) {
    return error.phase === 'connecting'
      ? 'the database cannot be reached: a connection was not open in time'
      : 'the database does not take writes: one did not commit in time (is a synchronous standby away?)';
  }
  if (error instanceof PoolerModeError || error instanceof SessionSettingsError) return error.message;
  // A host with two addresses has an error for each.
  if (error instanceof AggregateError && error.errors.length > 0) return describeTrouble(error.errors[0]);
  const code = codeOf(error);
  return (
    (code === undefined ? undefined : BY_CODE[code]) ?? `the database cannot be used (${nameOf(error, code)})`
  );
}

/** The server that this connection leads to is read-only. */
export function saysReadOnly(error: unknown): boolean {
  return codeOf(error) === '25006';
}

/** The cause of the error is the server, not the statement. */
export function saysCannotWrite(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  return code === '25006' || /^(53|57P|58|XX)/.test(code);
}

/** The server, or the way to it, is away: whatever was asked of it, that is why it failed. @param error also one of Prisma */
export function saysAway(error: unknown): boolean {
  if (error instanceof LateError) return true;
  if (error instanceof AggregateError && error.errors.length > 0) return saysAway(error.errors[0]);
  const code = codeOf(error) ?? '';
  if (
    /^(08|57P|53300)|^E(CONN|HOST|NET|NOTFOUND|AI_AGAIN|PIPE|TIMEDOUT)|^P(1001|1002|1008|1017|2024)$/.test(
      code,
    )
  ) {
    return true;
  }
  const { data } = sentByAdapter.safeParse(error);
  return data !== undefined && AWAY_KINDS.has(data.meta.driverAdapterError.cause.kind);
}

/** Prisma has one code for all that fails in a raw query, and what the driver said inside. */
const sentByAdapter = z.object({
  meta: z.object({ driverAdapterError: z.object({ cause: z.object({ kind: z.string() }) }) }),
});
const AWAY_KINDS: ReadonlySet<string> = new Set([
  'ConnectionClosed',
  'DatabaseNotReachable',
  'SocketTimeout',
  'TooManyConnections',
]);

/** The disk may have no room for another page. */
export function saysFull(error: unknown): boolean {
  return /^(53100|58030)$/.test(codeOf(error) ?? '');
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function nameOf(error: unknown, code: string | undefined): string {
  return code ?? (error instanceof Error ? error.message : 'an unknown fault');
}
