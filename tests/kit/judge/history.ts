import type { LeadState } from '@live-feed/core/lead/lead-state';

/** What was asked, answered and done during a trial, on one clock: `performance.now()` of the process that asked. */

type CallerKind = 'waiting' | 'keyed' | 'preferring' | 'joining';

/** One request, and what came of it. */
export interface Asked {
  readonly kind: CallerKind;
  /** Shared only by requests for the same: repetitions, and equal ones of a `joining` caller. */
  readonly phone: string;
  /** The `Idempotency-Key`. */
  readonly key: string | null;
  readonly companyId: string;
  /** The process that was asked. */
  readonly ingressPid: number;
  readonly sentAtMs: number;
  /** Undefined as long as its caller waits. */
  answer?: Answered;
}

export interface Answered {
  readonly atMs: number;
  /** Null where the connection ended without an answer. */
  readonly status: number | null;
  readonly code: string | null;
  readonly leadId: string | null;
  /** What `Retry-After` told; 0 without it. */
  readonly retryAfterMs: number;
}

/** A lead as a dialing system holds it. */
export interface Copy {
  readonly externId: string;
  readonly phone: string;
}

export interface Row {
  readonly state: LeadState;
  /** Why it is in that state, for whoever asks. */
  readonly reason: string | null;
}

/** A process could not do anything: it was stopped, or it was dead from then on. */
export interface Silence {
  readonly pid: number;
  readonly fromMs: number;
  /** `Infinity`: for good. */
  toMs: number;
}

/** Of the callers named, so large a share must have been told what the dialing system did: 200 or 502. */
export interface Expectation {
  readonly what: string;
  readonly share: number;
  readonly asked: readonly Asked[];
}

/** Everything that is known once nothing is under way any more. */
export interface History {
  readonly asked: readonly Asked[];
  readonly copies: readonly Copy[];
  readonly rows: ReadonlyMap<string, Row>;
  /** What the status endpoint says of some of the leads; null: it knows none. */
  readonly statuses: ReadonlyMap<string, string | null>;
  readonly silences: readonly Silence[];
  readonly expectations: readonly Expectation[];
  readonly answersWithinMs: number;
  /** A sentence for each call that the dialing systems refused for a broken rate window. */
  readonly brokenWindows: readonly string[];
  /** ANIs that were assigned more often than their cap allows; null where there are no caps. */
  readonly overusedAnis: readonly string[] | null;
}
