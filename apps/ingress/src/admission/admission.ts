import { leadsOf } from '@live-feed/core/limits/dialer-load';
import { LONGEST_S } from '@live-feed/core/limits/return-line';
import { forecastWait, type LeadGroup } from '@live-feed/core/limits/wait-forecast';
import type { AdmissionNote } from '@live-feed/queue/limits/admission-notes';
import type { DialerStop } from '@live-feed/queue/limits/dialer-stops';
import { createExpectedReturns } from './expected-returns.ts';
import { createKnownLoads, type KnownLoad } from './known-loads.ts';

/** A lead before it is taken. */
export interface Candidate extends LeadGroup {
  readonly dialerId: string;
  /** Equal for equal requests: what the request is known by when it comes again. */
  readonly request: string;
  /** Its caller waits for the outcome, and no longer than until the deadline. */
  readonly waits: boolean;
}

/** What a lead meets besides other leads. */
export interface Circumstances {
  /** Unix time on the database's clock, which all ingresses share. */
  readonly nowMs: number;
  /** What has just been read of the dialer; without it, what its lane has told counts. */
  readonly stop?: DialerStop | undefined;
  /** Until this process answers everybody, however things stand, since it is to stop. */
  readonly answersEndInMs?: number;
}

export type Verdict =
  | { readonly kind: 'admitted' }
  /** No lane has told anything of the dialer lately: nobody waits there, or nobody serves it. */
  | { readonly kind: 'untold' }
  | {
      readonly kind: 'refused';
      readonly why: 'backlog' | 'held' | 'paused' | 'stopping';
      /** Whole seconds, at least 1; null where nobody knows. */
      readonly retryAfterS: number | null;
    };

export type Refusal = Extract<Verdict, { kind: 'refused' }>;

/** Whether a lead would be answered in time, judged by what the lanes have told: without a question to anybody. */
export interface Admission {
  /** An admitted lead is counted as added. Who is refused for a backlog and comes again when it was told finds room. */
  judge(candidate: Candidate, circumstances: Circumstances): Verdict;
  /** What lanes and other ingresses tell. */
  note(note: AdmissionNote): void;
  /** What the other ingresses are to be told now, if anything. */
  toTell(): AdmissionNote | undefined;
}

export interface AdmissionOptions {
  /** Of this process, among all ingresses. */
  readonly ingressId: string;
  readonly deadlineMs: number;
  /** Leads that wait for one dialer, at most, those included whose callers do not wait. */
  readonly maxBacklog: number;
}

/**
 * A lead is not begun in the last second before its deadline. The rest is for what the forecast gets wrong: leads that other ingresses have added a
 * moment ago, uploads that are not full.
 */
const MARGIN_MS = 3_000;
/** Of the margin, what a lead that was told to come back may use up. */
const RETURN_SHARE = 1 / 3;
/** A client's timer may fire a little early. */
const EARLY_MS = 250;

/** Another ingress can take it at once. */
const STOPPING_RETRY_S = 1;

const ADMITTED: Verdict = { kind: 'admitted' };
const UNTOLD: Verdict = { kind: 'untold' };

/** Of a dialer for which nobody tells how fast its leads leave. */
export const UNTOLD_BACKLOG: Refusal = { kind: 'refused', why: 'backlog', retryAfterS: null };

export function createAdmission({ ingressId, deadlineMs, maxBacklog }: AdmissionOptions): Admission {
  const loads = createKnownLoads();
  const returns = createExpectedReturns();
  const marginMs = Math.min(MARGIN_MS, deadlineMs / 3);
  const longestWaitMs = deadlineMs - marginMs;

  /** By how much the lead would wait for too long, and each one behind it longer still. */
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

  function judgeBacklog(
    known: KnownLoad,
    candidate: Candidate,
    heldForMs: number,
    { nowMs, answersEndInMs = Number.POSITIVE_INFINITY }: Circumstances,
  ): Verdict {
    const { overMs, perLeadMs, waitMs } = overrun(known, candidate, heldForMs);
    if (candidate.waits && waitMs > answersEndInMs) return refuse('stopping', STOPPING_RETRY_S);
    const expected = returns.find(candidate.request);
    if (expected !== undefined) {
      const earlyMs = expected.second * 1_000 - nowMs;
      if (earlyMs > EARLY_MS) return refuse('backlog', earlyMs / 1_000);
      if (overMs <= marginMs * RETURN_SHARE) return admit(known, candidate);
      returns.forget(candidate.request);
    }
    const inS = returns.lineOf(candidate).earliest(nowMs, overMs, perLeadMs);
    if (inS === 0) return admit(known, candidate);
    if (inS !== undefined) {
      const { dialerId, campaignId, group, request } = candidate;
      returns.expect({ dialerId, campaignId, group, request, second: Math.floor(nowMs / 1_000) + inS });
    }
    return refuse('backlog', inS ?? Math.max(LONGEST_S, overMs / 1_000));
  }

  return {
    judge(candidate, circumstances) {
      const known = loads.find(candidate.dialerId);
      returns.expire(circumstances.nowMs);
      const { paused, heldForMs } = circumstances.stop ?? stopToldOf(known);
      if (candidate.waits) {
        if (paused) return refuse('paused', null);
        if (heldForMs > longestWaitMs) return refuse('held', (heldForMs - longestWaitMs) / 1_000);
      }
      return known === undefined ? UNTOLD : judgeBacklog(known, candidate, heldForMs, circumstances);
    },
    note(note) {
      if (note.kind === 'loads') loads.note(note.loads);
      else if (note.from !== ingressId) returns.learn(note.returns);
    },
    toTell() {
      const telling = returns.toTell();
      return telling.length === 0 ? undefined : { kind: 'returns', from: ingressId, returns: telling };
    },
  };
}

function stopToldOf(known: KnownLoad | undefined): DialerStop {
  if (known === undefined) return { paused: false, heldForMs: 0 };
  return { paused: known.load.paused, heldForMs: Math.max(0, known.load.heldForMs - known.ageMs) };
}
