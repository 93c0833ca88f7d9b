import type { RefusalKind } from '@live-feed/operations/refusal';

/** The HTTP status of an operation that was refused. */
export const REFUSAL_STATUS: Readonly<Record<RefusalKind, number>> = {
  not_found: 404,
  conflict: 409,
  forbidden: 403,
  unavailable: 503,
};

/** What people and programs are told while PostgreSQL is away. */
export const DATABASE_AWAY =
  'The database cannot be reached at the moment, so nothing can be shown or changed. Try again; if this lasts, /readyz of the console says why.';
