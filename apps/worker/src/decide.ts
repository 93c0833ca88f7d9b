import { nextDelay } from '@live-feed/core/backoff';
import { tellForOne } from '@live-feed/core/dialer-response';
import type { Reason } from '@live-feed/core/lead-outcome';
import type { Settlement } from '@live-feed/database/lead-transitions';
import type { LoaderAnswer, UploadResult } from '@live-feed/dialers/lead-loader';

/** What becomes of one lead after a call; sealing and the row's attempt are added by whoever writes it. */
export type Decision = Pick<Settlement, 'transition' | 'reason' | 'source' | 'delayMs' | 'neededMs'> & {
  /** The dialing system's answer as the caller is told it; undefined where there is none to tell. */
  readonly told: unknown;
};

export interface DecisionContext {
  /** Leads in the upload. */
  readonly size: number;
  /** The attempt that has just been made, from 1. */
  readonly attempt: number;
  /** In [0, 1). */
  readonly random: number;
  /** The longest that an attempt can take until it is settled, milliseconds. */
  readonly settleWithinMs: number;
}

/** Whoever holds an unknown lead verifies it at once; should it die, the sweep looks after this time. */
const VERIFY_WITHIN_MS = 15_000;

/** The outcome of an upload for each of its leads (they share it; attribution within an upload of several is read back). */
export function decide(result: UploadResult, context: DecisionContext): Decision {
  switch (result.kind) {
    case 'answered':
      return fromAnswer(result.body, context);
    case 'refused':
      // With several leads in it, a refusal says nothing of any one of them.
      return context.size === 1
        ? final('reject', 'DIALER_REJECTED', result.body)
        : doubt('DIALER_REJECTED', result.body);
    case 'not_allowed':
      return result.httpStatus === 404
        ? final('reject', 'DIALER_CAMPAIGN_UNKNOWN', result.body)
        : final('block', 'DIALER_TOKEN_REFUSED', result.body);
    case 'throttled':
      return again('DIALER_THROTTLED', result.body, result.retryAfterMs ?? delay(context));
    case 'never_sent':
      return again('DIALER_UNREACHABLE', null, delay(context));
    case 'unknown':
      return doubt('DIALER_FAILED', result.body);
  }
}

/**
 * Known absent after it had been unknown.
 *
 * Where the dialing system failed, the next attempt must leave time to be settled as well: else a caller would be told "pending"
 * about one that keeps failing, where the contract says 502. Where it was a worker that died, nothing speaks against the
 * next attempt's success.
 *
 * @param doubted whoever made the attempt lived to record that its outcome is unknown
 */
export function decideAbsent(doubted: boolean, context: DecisionContext): Decision {
  const delayMs = delay(context);
  return doubted
    ? { ...again('DIALER_FAILED', undefined, delayMs), neededMs: context.settleWithinMs }
    : again('DEADLINE_PASSED', undefined, delayMs);
}

function fromAnswer(answer: LoaderAnswer, { size }: DecisionContext): Decision {
  if (size === 1) {
    return answer.leadsAccepted > 0
      ? final('accept', 'DIALER_ACCEPTED', answer)
      : final('reject', 'DIALER_REJECTED', answer);
  }
  const everyOne = answer.leadsAccepted >= size && (answer.rejectedRows ?? []).length === 0;
  return everyOne
    ? final('accept', 'DIALER_ACCEPTED', tellForOne(answer, { accepted: true, inserted: true, ownRows: [] }))
    : doubt('DIALER_REJECTED', null);
}

function delay({ attempt, random }: DecisionContext): number {
  return nextDelay(attempt, random);
}

function final(transition: 'accept' | 'reject' | 'block', reason: Reason, told: unknown): Decision {
  return { transition, reason, told, source: 'answer', delayMs: 0, neededMs: 0 };
}

function again(reason: Reason, told: unknown, delayMs: number): Decision {
  return { transition: 'release', reason, told, source: null, delayMs, neededMs: 0 };
}

function doubt(reason: Reason, told: unknown): Decision {
  return { transition: 'doubt', reason, told, source: null, delayMs: VERIFY_WITHIN_MS, neededMs: 0 };
}
