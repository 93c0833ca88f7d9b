import { StatementError } from './raw-statements.ts';

/**
 * The effect of a failed statement. `none`: it changed nothing and never will. `unknown`: it may have been executed, or still be. This
 * holds for a single statement outside a transaction, which an error reported by PostgreSQL has rolled back.
 */
export type StatementEffect = 'none' | 'unknown';

/** Messages of pg-pool, and of Prisma for a transaction: there was no connection, so nothing was sent. */
const NO_CONNECTION: ReadonlySet<string> = new Set([
  'timeout exceeded when trying to connect',
  'Connection terminated due to connection timeout',
  'Transaction API error: Unable to start a transaction in the given time.',
]);

/** The session was ended from outside, and may have committed a moment before. */
const ENDED_SESSION: ReadonlySet<string> = new Set(['57P01', '57P02', '57P05', '40003']);

export function effectOf(error: unknown): StatementEffect {
  if (!(error instanceof Error)) return 'unknown';
  if (NO_CONNECTION.has(error.message)) return 'none';
  const { kind, originalCode } = driverCauseOf(error);
  if (kind === 'DatabaseNotReachable') return 'none';
  if (originalCode === undefined || !/^[0-9A-Z]{5}$/.test(originalCode)) return 'unknown';
  return originalCode.startsWith('08') || ENDED_SESSION.has(originalCode) ? 'unknown' : 'none';
}

/** The pool had no free connection in time. If the database answers others, this is overload. */
export function foundNoConnection(error: unknown): boolean {
  return error instanceof Error && NO_CONNECTION.has(error.message);
}

/** PostgreSQL refused the values (out of range, a constraint). Trying again does not help. */
export function isRefusedInput(error: unknown): boolean {
  return error instanceof Error && /^2[123]/.test(driverCauseOf(error).originalCode ?? '');
}

/**
 * PostgreSQL rolled the statement back because of what it was given, or of a row that is locked: the same changes may
 * succeed in other statements.
 */
export function isOfStatement(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(2[123]|40(?!003)|42|54|55|57014)/.test(driverCauseOf(error).originalCode ?? '')
  );
}

interface DriverCause {
  readonly kind?: string;
  /** The SQLSTATE of what PostgreSQL reported. */
  readonly originalCode?: string;
}

/** Sockets that were never open. */
const NOT_REACHED: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ECONNREFUSED']);

/** As it is, or where Prisma keeps the driver adapter's error. */
function driverCauseOf(error: Error & { readonly meta?: unknown; readonly code?: unknown }): DriverCause {
  if (error instanceof StatementError) return { originalCode: error.code };
  if (NOT_REACHED.has(error.code)) return { kind: 'DatabaseNotReachable' };
  const meta = error.meta as { readonly driverAdapterError?: { readonly cause?: DriverCause } } | undefined;
  return meta?.driverAdapterError?.cause ?? {};
}
