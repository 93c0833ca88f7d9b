import type { Verdict } from './finding.ts';
import type { Row } from './row.ts';

export type CandidateName = 'live-feed' | 'direct' | 'plain-queue';

/** One thing to measure: a row of the result. */
export interface Point {
  readonly candidate: CandidateName;
  /** Connections, each with one lead at a time. */
  readonly callers: number;
  /** Leads in an upload at most. The baselines make one call per lead. */
  readonly uploadMaximum: number;
  /** Uploads at once at most; null where nothing but the callers limits them. */
  readonly inFlight: number | null;
}

export interface Scenario {
  readonly name: string;
  /** For its part of docs/performance.md. */
  readonly title: string;
  /** One sentence for people. */
  readonly question: string;
  /** What must be known to read the rows. */
  readonly note?: string;
  /** How long the dialing system takes over an upload. */
  readonly dialerMs: number;
  /** Whether RingCX's documented windows apply to every sub-account. */
  readonly enforceLimits: boolean;
  /** Before each measurement: until what was saved up between two is spent. */
  readonly warmupMs: number;
  /** Instead of it before a candidate's first: until its code is compiled. */
  readonly firstWarmupMs: number;
  readonly points: readonly Point[];
  /** What the rows say against the targets. */
  judge(rows: readonly Row[], commitP50Ms: number): Verdict[];
}

/** As a dialer comes out of the database's defaults. */
const defaultInFlight = 4;
const defaultUploadMaximum = 500;

export function liveFeed(
  callers: number,
  { uploadMaximum = defaultUploadMaximum, inFlight = defaultInFlight } = {},
): Point {
  return { candidate: 'live-feed', callers, uploadMaximum, inFlight };
}

export function baseline(candidate: 'direct' | 'plain-queue', callers: number): Point {
  return { candidate, callers, uploadMaximum: 1, inFlight: null };
}
