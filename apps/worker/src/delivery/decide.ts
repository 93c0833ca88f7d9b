import type { Reason } from '@live-feed/core/lead/lead-outcome';
import { nextDelay } from '@live-feed/core/limits/backoff';
import type { Settlement } from '@live-feed/database/leads/lead-transitions';
import { foundResponse } from '@live-feed/dialers/found-response';
import type { LeadVerdict, UploadResult } from '@live-feed/dialers/lead-loader';
import { LONGEST_THROTTLE_MS } from '@live-feed/queue/limits/dialer-health';

/** What becomes of one lead, without encryption and the attempt of its row, which are added when it is written. */
export type Decision = Pick<Settlement, 'transition' | 'reason' | 'source' | 'delayMs'> & {
  /** JSON text: the dialing system's answer as the caller gets it; null where there is none. */
  readonly response: string | null;
  /** With `doubt`: what read-back will mean. */
  readonly doubt?: Doubt;
};

/** What is made of a lead whose outcome has to be read back. */
export interface Doubt {
  /**
   * The dialing system has answered, so nothing of the upload is under way any more: absence counts once it has had the time
   * to show what it took. Else it counts only once the upload must be over.
   */
  readonly answered: boolean;
  /** By the dialing system's own word it took nothing, so it needs less of that time. */
  readonly refused?: true;
  /** `again`: sent again. `halves`: sent again apart from those that may be why it was refused. `settled`: that is its outcome. */
  readonly ifAbsent:
    | { readonly kind: 'again' | 'halves' }
    | { readonly kind: 'settled'; readonly decision: Decision };
  readonly ifPresent: Decision;
}

export interface DecisionContext {
  /** The attempt that has just been made, from 1. */
  readonly attempt: number;
  /** In [0, 1). */
  readonly random: number;
}

/** The outcome of an upload for each of its leads, in their order. */
export function decide(result: UploadResult, leads: readonly DecisionContext[]): Decision[] {
  switch (result.kind) {
    case 'answered':
      return result.verdicts.map(fromVerdict);
    case 'refused':
      // With several leads in it, a refusal says nothing of any one of them.
      return leads.map(() =>
        leads.length === 1 ? final('reject', 'DIALER_REJECTED', result.json) : refusedTogether,
      );
    case 'campaign_unknown':
      return leads.map(() => final('reject', 'DIALER_CAMPAIGN_UNKNOWN', result.json));
    case 'token_refused':
      return leads.map(() => final('block', 'DIALER_TOKEN_REFUSED', result.json));
    case 'throttled':
      return leads.map((lead) => again('DIALER_THROTTLED', result.json, pauseOf(result) ?? retryDelay(lead)));
    case 'never_sent':
      return leads.map((lead) => {
        const reason = result.retryAfterMs === undefined ? 'DIALER_UNREACHABLE' : 'DIALER_THROTTLED';
        return again(reason, null, Math.max(retryDelay(lead), pauseOf(result) ?? 0));
      });
    case 'foreign':
      // It may be about what one of the leads has in it.
      return leads.map(() =>
        leads.length === 1 ? doubt('DIALER_FAILED', result.json, ANSWERED) : unclearTogether,
      );
    case 'unknown':
      return leads.map(() =>
        leads.length === 1
          ? doubt('DIALER_FAILED', result.json, UNANSWERED)
          : doubt('DIALER_FAILED', null, result.unreadable ? UNREADABLE : UNANSWERED),
      );
  }
}

/** A lead waits no longer than its dialer is held. */
function pauseOf({ retryAfterMs }: { readonly retryAfterMs?: number }): number | undefined {
  return retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, LONGEST_THROTTLE_MS);
}

export function tookSome(result: UploadResult): boolean {
  return result.kind === 'answered' && result.tookSome;
}

/** Known absent after it had been unknown. */
export function decideAbsent(context: DecisionContext): Decision {
  return again('DIALER_FAILED', null, retryDelay(context));
}

/** Known absent, and not for a fault of the dialing system: again at once. */
export const resend: Decision = again('DIALER_REJECTED', null, 0);

export const found: Decision = readBack('accept', 'DIALER_ACCEPTED', foundResponse('read-back'));

export const parked: Decision = { ...final('park', 'OUTCOME_UNVERIFIABLE', null), source: null };

export function unusable(reason: 'DIALER_TOKEN_REFUSED' | 'LEAD_UNUSABLE'): Decision {
  return { ...final('block', reason, null), source: null };
}

/** The worker that holds an unknown lead verifies it at once. If that worker dies, the reconciler takes the lead after this time. */
const VERIFY_WITHIN_MS = 15_000;

const UNANSWERED: Doubt = { answered: false, ifAbsent: { kind: 'again' }, ifPresent: found };
const UNREADABLE: Doubt = { answered: false, ifAbsent: { kind: 'halves' }, ifPresent: found };
const ANSWERED: Doubt = { answered: true, ifAbsent: { kind: 'again' }, ifPresent: found };

/** An answer about several leads is not passed on: it may be about another lead. */
const unclearTogether: Decision = doubt('DIALER_FAILED', null, {
  answered: true,
  ifAbsent: { kind: 'halves' },
  ifPresent: found,
});

/** Nothing is known of the upload's effect. */
export const unanswered: Decision = doubt('DIALER_FAILED', null, UNANSWERED);

const refusedTogether: Decision = doubt('DIALER_REJECTED', null, {
  answered: true,
  refused: true,
  ifAbsent: { kind: 'halves' },
  ifPresent: found,
});

/** What a lead is in doubt about if all that is known is its row. */
export function doubtOf(row: { readonly reason: Reason | null }): Doubt {
  // Taken, if perhaps not inserted: never to be sent again.
  if (row.reason !== 'DIALER_ACCEPTED') return UNANSWERED;
  const decision = readBack('accept', 'DIALER_ACCEPTED', null);
  return { ...UNANSWERED, ifAbsent: { kind: 'settled', decision } };
}

function fromVerdict(verdict: LeadVerdict): Decision {
  switch (verdict.kind) {
    case 'accepted':
      return final('accept', 'DIALER_ACCEPTED', verdict.response);
    case 'rejected':
      return final('reject', 'DIALER_REJECTED', verdict.response);
    case 'accepted_unconfirmed':
      return doubt('DIALER_ACCEPTED', verdict.response, {
        answered: true,
        ifAbsent: settledByReadBack('accept', 'DIALER_ACCEPTED', verdict.ifAbsent),
        ifPresent: readBack('accept', 'DIALER_ACCEPTED', verdict.ifPresent),
      });
    case 'undecided':
      return doubt('DIALER_REJECTED', null, {
        answered: true,
        ifAbsent: settledByReadBack('reject', 'DIALER_REJECTED', verdict.ifAbsent),
        ifPresent: found,
      });
    case 'contradicted':
      return verdict.response === null ? unclearTogether : contradicted(verdict.response);
    case 'refused_together':
      return refusedTogether;
  }
}

/** The lead is there or it is not; its caller receives the answer with either. */
function contradicted(json: string): Decision {
  return doubt('DIALER_REJECTED', json, {
    answered: true,
    ifAbsent: settledByReadBack('reject', 'DIALER_REJECTED', json),
    ifPresent: readBack('accept', 'DIALER_ACCEPTED', json),
  });
}

function settledByReadBack(
  transition: 'accept' | 'reject',
  reason: Reason,
  response: string | null,
): Doubt['ifAbsent'] {
  return { kind: 'settled', decision: readBack(transition, reason, response) };
}

function readBack(transition: 'accept' | 'reject', reason: Reason, response: string | null): Decision {
  return { ...final(transition, reason, response), source: 'read-back' };
}

function retryDelay({ attempt, random }: DecisionContext): number {
  return nextDelay(attempt, random);
}

function final(
  transition: 'accept' | 'reject' | 'block' | 'park',
  reason: Reason,
  response: string | null,
): Decision {
  return { transition, reason, response, source: 'answer', delayMs: 0 };
}

function again(reason: Reason, response: string | null, delayMs: number): Decision {
  return { transition: 'release', reason, response, source: null, delayMs };
}

function doubt(reason: Reason, response: string | null, about: Doubt): Decision {
  return {
    transition: 'doubt',
    reason,
    response,
    source: null,
    delayMs: VERIFY_WITHIN_MS,
    doubt: about,
  };
}
