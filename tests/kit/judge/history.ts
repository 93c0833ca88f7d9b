import type { LeadState } from '@live-feed/core/lead/lead-state';
import type { LeadAnswer } from '@live-feed/tools/demo/post-lead';

/** What was asked, answered and done under a load. All times are `performance.now()` of the process that asked. */

/**
 * `rival`: several leads of one phone, at a company that refuses duplicates. `suppressed`: of a phone that was on the company's do-not-call list
 * before. `arbitrary`: nothing is known about what it asks for; several of its leads may have one phone.
 */
export type CallerKind =
  | 'waiting'
  | 'keyed'
  | 'preferring'
  | 'joining'
  | 'rival'
  | 'suppressed'
  | 'arbitrary';

/** One request, and its answer. */
export interface Asked {
  readonly kind: CallerKind;
  /** Shared only by requests for the same lead: repetitions, and the equal requests of a `joining` caller; and by rivals. */
  readonly phone: string;
  /** The `Idempotency-Key`. */
  readonly key: string | null;
  readonly companyId: string;
  /** The process that was asked. */
  readonly ingressPid: number;
  readonly sentAtMs: number;
  /** The lead that it asks for, in the form of `Copy.content`; undefined if that is not compared. */
  readonly wanted?: string | undefined;
  /** Undefined while its caller waits. */
  answer?: LeadAnswer;
}

/** A lead as a dialing system holds it. */
export interface Copy {
  readonly externId: string;
  readonly phone: string;
  readonly content?: string;
}

export interface Row {
  readonly state: LeadState;
  /** Why it is in that state. */
  readonly reason: string | null;
}

/** A time in which a process could do nothing: it was stopped, or dead. */
export interface Silence {
  readonly pid: number;
  readonly fromMs: number;
  /** `Infinity`: it is dead. */
  toMs: number;
}

/** At least this share of these callers must have an outcome: 200 or 502. */
export interface Expectation {
  readonly what: string;
  readonly share: number;
  readonly asked: readonly Asked[];
}

/** Everything that is known when no lead is under way any more. */
export interface History {
  readonly asked: readonly Asked[];
  readonly copies: readonly Copy[];
  readonly rows: ReadonlyMap<string, Row>;
  /** What the status endpoint answers for some of the leads; null: it does not know the lead. */
  readonly statuses: ReadonlyMap<string, string | null>;
  /** Leads that a caller took back and was told so. */
  readonly takenBack: ReadonlySet<string>;
  readonly silences: readonly Silence[];
  readonly expectations: readonly Expectation[];
  /** The longest that an ingress may take for an answer. */
  readonly answersWithinMs: number;
  /** A sentence for each call that the dialing systems refused for a broken rate window. */
  readonly brokenWindows: readonly string[];
  /** ANIs that were assigned more often than their cap allows; null where there are no caps. */
  readonly overusedAnis: readonly string[] | null;
  /** A sentence for each number of leads that the figures have wrong. */
  readonly wrongFigures: readonly string[];
}
