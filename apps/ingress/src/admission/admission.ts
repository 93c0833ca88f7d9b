import { type GroupId, leadsOf } from '@live-feed/core/limits/dialer-load';
import { LONGEST_S } from '@live-feed/core/limits/return-line';
import { forecastWait } from '@live-feed/core/limits/wait-forecast';
import type { AdmissionNote, ExpectedReturn } from '@live-feed/queue/limits/admission-notes';
import type { DialerStop } from '@live-feed/queue/limits/dialer-stops';
import { createExpectedReturns } from './expected-returns.ts';
import { createKnownLoads, type KnownLoad } from './known-loads.ts';

/** A lead before it is taken. */
export interface Candidate extends GroupId {
  readonly dialerId: string;
  /** Equal for equal requests: identifies the request when it comes again. */
  readonly request: string;
  /** Whether its caller waits for the outcome, until the deadline at most. */
  readonly waits: boolean;
}

/** What the verdict depends on apart from other leads. */
export interface Circumstances {
  /** Unix time on the database's clock, which all ingresses share. */
  readonly nowMs: number;
  /** The dialer's stop as it has just been read; without it, what the lane has reported counts. */
  readonly stop?: DialerStop | undefined;
  /** Time until this process ends every wait, because it is stopping. */
  readonly answersEndInMs?: number;
}

export type Verdict =
  | { readonly kind: 'admitted' }
  /** No lane has reported on the dialer lately: no lead waits there, or no worker serves it. */
  | { readonly kind: 'unreported' }
  | {
      readonly kind: 'refused';
      readonly why: 'backlog' | 'held' | 'paused' | 'stopping';
      /** Whole seconds, at least 1; null if it is not known. */
      readonly retryAfterS: number | null;
    };

export type Refusal = Extract<Verdict, { kind: 'refused' }>;

/** Decides whether a lead would be answered in time. Goes by what the lanes have reported, without any query. */
export interface Admission {
  /** An admitted lead is counted as added. For a lead refused because of a backlog, room is kept for the time at which it is to come back. */
  judge(candidate: Candidate, circumstances: Circumstances): Verdict;
  /** What `judge` would say. Nothing is counted, and no room kept. */
  forecast(candidate: Candidate, circumstances: Circumstances): Verdict;
  /** Whether a lane has reported on the dialer lately. */
  isReported(dialerId: string): boolean;
  /** Takes in what lanes and other ingresses have published. */
  note(note: AdmissionNote): void;
  /** What to publish to the other ingresses now, if anything. */
  toPublish(): AdmissionNote | undefined;
}

export interface AdmissionOptions {
  /** Identifies this process among all ingresses. */
  readonly ingressId: string;
  readonly deadlineMs: number;
  /** Maximum number of leads that wait for one dialer, including those whose callers do not wait. */
  readonly maxBacklog: number;
}

/**
 * Workers begin no lead in the last second before its deadline. The rest covers what the forecast gets wrong: leads that other ingresses have just
 * added, and uploads that are not full.
 */
const MARGIN_MS = 3_000;
/** The share of the margin that a lead which comes back as asked may use. */
const RETURN_SHARE = 1 / 3;
/** A client's timer may fire a little early. */
const EARLY_MS = 250;

/** Another ingress can take the lead at once. */
const STOPPING_RETRY_S = 1;

const ADMITTED: Verdict = { kind: 'admitted' };
const UNREPORTED: Verdict = { kind: 'unreported' };

/** No lane reports how fast the leads of such a dialer leave. */
export const UNREPORTED_BACKLOG: Refusal = { kind: 'refused', why: 'backlog', retryAfterS: null };

export function createAdmission({ ingressId, deadlineMs, maxBacklog }: AdmissionOptions): Admission {
  const loads = createKnownLoads();
  const returns = createExpectedReturns();
  const marginMs = Math.min(MARGIN_MS, deadlineMs / 3);
  const longestWaitMs = deadlineMs - marginMs;

  /** By how much the lead's wait would be too long, and how much each further lead adds. */
  function overrun(known: KnownLoad, candidate: Candidate, heldForMs: number) {
    const { load, added } = known;
    const forecast = forecastWait({ ...load, heldForMs }, candidate, known.addedTo(candidate));
    const lateMs = candidate.waits ? forecast.waitMs - longestWaitMs : Number.NEGATIVE_INFINITY;
    const excess = leadsOf(load) + added + 1 - maxBacklog;
    const excessMs = excess > 0 ? Math.max(1, (excess * load.intervalMs) / load.maximum) : 0;
    return { ...forecast, overMs: Math.max(lateMs, excessMs) };
  }

  function refuse(why: Refusal['why'], seconds: number | null): Refusal {
    return { kind: 'refused', why, retryAfterS: seconds === null ? null : Math.max(1, Math.ceil(seconds)) };
  }

  function admit(known: KnownLoad, candidate: Candidate): Verdict {
    returns.forget(candidate.request);
    known.add(candidate);
    return ADMITTED;
  }

  /** What follows from a verdict for later leads. */
  interface Effects {
    admit(known: KnownLoad, candidate: Candidate): Verdict;
    /** @param inS seconds until the lead is to come back; undefined if that is too far off */
    expect(candidate: Candidate, nowMs: number, inS: number | undefined): void;
    /** Keeps the room again that was kept for a request. */
    restore(expected: ExpectedReturn): void;
  }

  const counted: Effects = {
    admit,
    expect({ dialerId, campaignId, group, request }, nowMs, inS) {
      if (inS === undefined) return;
      returns.expect({ dialerId, campaignId, group, request, second: Math.floor(nowMs / 1_000) + inS });
    },
    restore: () => {},
  };
  const none: Effects = {
    admit: () => ADMITTED,
    expect: () => {},
    restore: (expected) => returns.learn([expected]),
  };

  function judgeBacklog(
    known: KnownLoad,
    candidate: Candidate,
    heldForMs: number,
    { nowMs, answersEndInMs = Number.POSITIVE_INFINITY }: Circumstances,
    effects: Effects,
  ): Verdict {
    const { overMs, perLeadMs, waitMs } = overrun(known, candidate, heldForMs);
    if (candidate.waits && waitMs > answersEndInMs) return refuse('stopping', STOPPING_RETRY_S);
    const expected = returns.find(candidate.request);
    if (expected !== undefined) {
      const earlyMs = expected.second * 1_000 - nowMs;
      if (earlyMs > EARLY_MS) return refuse('backlog', earlyMs / 1_000);
      if (overMs <= marginMs * RETURN_SHARE) return effects.admit(known, candidate);
      returns.forget(candidate.request);
    }
    const inS = returns.lineOf(candidate).earliest(nowMs, overMs, perLeadMs);
    if (expected !== undefined) effects.restore(expected);
    if (inS === 0) return effects.admit(known, candidate);
    effects.expect(candidate, nowMs, inS);
    return refuse('backlog', inS ?? Math.max(LONGEST_S, overMs / 1_000));
  }

  function judge(candidate: Candidate, circumstances: Circumstances, effects: Effects): Verdict {
    const known = loads.find(candidate.dialerId);
    returns.expire(circumstances.nowMs);
    const { paused, heldForMs } = circumstances.stop ?? reportedStop(known);
    if (candidate.waits) {
      if (paused) return refuse('paused', null);
      if (heldForMs > longestWaitMs) return refuse('held', (heldForMs - longestWaitMs) / 1_000);
    }
    return known === undefined
      ? UNREPORTED
      : judgeBacklog(known, candidate, heldForMs, circumstances, effects);
  }

  return {
    judge: (candidate, circumstances) => judge(candidate, circumstances, counted),
    forecast: (candidate, circumstances) => judge(candidate, circumstances, none),
    isReported: (dialerId) => loads.find(dialerId) !== undefined,
    note(note) {
      if (note.kind === 'loads') loads.note(note.loads);
      else if (note.from !== ingressId) returns.learn(note.returns);
    },
    toPublish() {
      const publishing = returns.toPublish();
      return publishing.length === 0 ? undefined : { kind: 'returns', from: ingressId, returns: publishing };
    },
  };
}

function reportedStop(known: KnownLoad | undefined): DialerStop {
  if (known === undefined) return { paused: false, heldForMs: 0 };
  return { paused: known.load.paused, heldForMs: Math.max(0, known.load.heldForMs - known.ageMs) };
}
