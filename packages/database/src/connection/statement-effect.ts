/**
 * What is known of a statement that failed: `none`, it changed nothing and never will; `unknown`, it may have been carried out, or still be.
 * For a single statement outside a transaction: an error that PostgreSQL itself reports has rolled it back.
 */
export type StatementEffect = 'none' | 'unknown';

/** By pg-pool: no connection was had, so nothing was sent. */
const NO_CONNECTION: ReadonlySet<string> = new Set([
  'timeout exceeded when trying to connect',
  'Connection terminated due to connection timeout',
]);

/** Sent to a session that is ended from outside, which may have committed a moment before. */
const ENDED_SESSION: ReadonlySet<string> = new Set(['57P01', '57P02', '57P05', '40003']);

export function effectOf(error: unknown): StatementEffect {
  if (!(error instanceof Error)) return 'unknown';
  if (NO_CONNECTION.has(error.message)) return 'none';
  const { kind, originalCode } = driverCauseOf(error);
  if (kind === 'DatabaseNotReachable') return 'none';
  if (originalCode === undefined || !/^[0-9A-Z]{5}$/.test(originalCode)) return 'unknown';
  return originalCode.startsWith('08') || ENDED_SESSION.has(originalCode) ? 'unknown' : 'none';
}

/** The pool had no connection to give within its time-out: too much to do, if the database answers others. */
export function foundNoConnection(error: unknown): boolean {
  return error instanceof Error && NO_CONNECTION.has(error.message);
}

/** PostgreSQL did not accept what it was given: a value out of range, a constraint. Trying again does not help. */
export function isRefusedInput(error: unknown): boolean {
  return error instanceof Error && /^2[123]/.test(driverCauseOf(error).originalCode ?? '');
}

interface DriverCause {
  readonly kind?: string;
  /** The SQLSTATE of what PostgreSQL reported. */
  readonly originalCode?: string;
}

/** Where Prisma keeps the driver adapter's error. */
function driverCauseOf(error: Error & { readonly meta?: unknown }): DriverCause {
  const meta = error.meta as { readonly driverAdapterError?: { readonly cause?: DriverCause } } | undefined;
  return meta?.driverAdapterError?.cause ?? {};
}
