import type { RefusalKind } from '@live-feed/operations/refusal';

/** The HTTP status of an operation that was refused. */
export const REFUSAL_STATUS: Readonly<Record<RefusalKind, number>> = {
  not_found: 404,
  conflict: 409,
  forbidden: 403,
  unavailable: 503,
};
