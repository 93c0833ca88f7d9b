import { type Backoff, nextDelay } from '@live-feed/core/limits/backoff';
import type { OutboundResult } from '@live-feed/outbound/http/outbound-client';

/** What follows from a delivery. */
export type Verdict =
  | { readonly kind: 'delivered'; readonly result: string }
  | {
      readonly kind: 'failed';
      readonly result: string;
      readonly isGone: boolean;
      /** Until these events are tried again. */
      readonly retryInMs: number;
      /** Until anything is sent to the endpoint; 0: at once. */
      readonly restMs: number;
      /** One of the events may be why all were refused. */
      readonly takeApart: boolean;
    };

/** Of events: over a day, about thirty attempts. */
const EVENT_BACKOFF: Backoff = { firstMs: 10_000, capMs: 3_600_000 };
/** Of endpoints that do not work. */
const ENDPOINT_BACKOFF: Backoff = { firstMs: 5_000, capMs: 300_000 };
/** An endpoint that refuses as many deliveries in a row refuses all. */
const REFUSALS_UNTIL_REST = 3;

/** Client errors that say nothing of the events. */
const NOT_OF_EVENTS: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * An endpoint that is away or overloaded rests. One that refuses a delivery gets the next events at once, unless it refuses everything.
 *
 * @param before failures of the endpoint in a row, attempts at these events, and how many there are
 */
export function judge(
  outcome: OutboundResult,
  before: { readonly failures: number; readonly attempts: number; readonly events: number },
  random: number,
): Verdict {
  if (outcome.kind === 'answer' && outcome.httpStatus >= 200 && outcome.httpStatus < 300) {
    return { kind: 'delivered', result: describeResult(outcome) };
  }
  const status = outcome.kind === 'answer' ? outcome.httpStatus : 0;
  const refused = status >= 400 && status < 500 && !NOT_OF_EVENTS.has(status);
  const failures = before.failures + 1 - (refused ? REFUSALS_UNTIL_REST - 1 : 0);
  const asked = outcome.kind === 'answer' ? (outcome.retryAfterMs ?? 0) : 0;
  const restMs = Math.max(asked, failures > 0 ? nextDelay(failures, random, ENDPOINT_BACKOFF) : 0);
  return {
    kind: 'failed',
    result: describeResult(outcome),
    isGone: status === 410,
    retryInMs: Math.max(restMs, nextDelay(before.attempts + 1, random, EVENT_BACKOFF)),
    restMs,
    takeApart: refused && before.events > 1,
  };
}

/** For people: it has nothing of the response but its status. */
export function describeResult(outcome: OutboundResult): string {
  return outcome.kind === 'answer' ? `HTTP ${outcome.httpStatus}` : outcome.why;
}
