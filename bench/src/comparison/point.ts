export const CANDIDATES = ['live-feed', 'direct', 'plain-queue'] as const;
export type CandidateName = (typeof CANDIDATES)[number];

/** One thing to measure: a row of the result. */
export interface Point {
  readonly candidate: CandidateName;
  /** Connections, each with one lead at a time. */
  readonly callers: number;
  /** Most leads in an upload. The baselines make one call per lead. */
  readonly uploadMaximum: number;
  /** Most uploads at once; null if only the callers limit them. */
  readonly inFlight: number | null;
}

/** The defaults of a dialer in the database. */
const DEFAULT_IN_FLIGHT = 4;
const DEFAULT_UPLOAD_MAXIMUM = 500;

export function liveFeed(
  callers: number,
  { uploadMaximum = DEFAULT_UPLOAD_MAXIMUM, inFlight = DEFAULT_IN_FLIGHT } = {},
): Point {
  return { candidate: 'live-feed', callers, uploadMaximum, inFlight };
}

export function baseline(candidate: 'direct' | 'plain-queue', callers: number): Point {
  return { candidate, callers, uploadMaximum: 1, inFlight: null };
}

export function describePoint({ candidate, callers, uploadMaximum, inFlight }: Point): string {
  const callersText = callers === 1 ? '1 caller' : `${callers} callers`;
  const slots = inFlight === null ? '' : `, uploads ≤ ${uploadMaximum}, ${inFlight} at once`;
  return `${candidate}, ${callersText}${slots}`;
}
