import type { Backoff } from '@live-feed/core/limits/backoff';

/** Looks after a lead came into verification, milliseconds; later ones at the last distance. */
const LOOKS_MS = [0, 1_000, 3_000, 6_000];
const LATER_EVERY_MS = 3_000;

/** After a read-back that said nothing: half a second doubling up to 2 minutes. */
const FAILED_BACKOFF: Backoff = { firstMs: 500, capMs: 120_000 };

/**
 * When to look for a lead again: at its next planned moment, and not later than the first one at which absence counts. A timer that
 * fires a little early so costs no whole distance of the plan.
 *
 * All moments are on `performance.now()`'s scale.
 *
 * @param lead `since`: it came into verification; `absentFrom`: absence in a read-back that begins later counts; `expected`: it may be
 * there, else the first look is the one that counts
 * @param lookedAt when the last read-back began
 */
export function nextLookAt(
  lead: { readonly since: number; readonly absentFrom: number; readonly expected: boolean },
  lookedAt: number,
): number {
  const { since, absentFrom, expected } = lead;
  const counts = absentFrom > lookedAt ? absentFrom : Number.POSITIVE_INFINITY;
  const planned = plannedAfter(expected ? since : absentFrom, lookedAt);
  return Math.min(planned, counts);
}

function plannedAfter(first: number, lookedAt: number): number {
  const sinceFirstMs = lookedAt - first;
  const next = LOOKS_MS.find((moment) => moment > sinceFirstMs);
  if (next !== undefined) return first + next;
  const last = LOOKS_MS.at(-1) ?? 0;
  const laterLooks = Math.floor((sinceFirstMs - last) / LATER_EVERY_MS) + 1;
  return first + last + laterLooks * LATER_EVERY_MS;
}

/**
 * @param failures in a row, from 1
 * @param random in [0, 1)
 * @param askedMs what the dialing system named, if it did
 * @returns milliseconds until the next look
 */
export function pauseAfterFailure(failures: number, random: number, askedMs = 0): number {
  const ceiling = Math.min(FAILED_BACKOFF.capMs, FAILED_BACKOFF.firstMs * 2 ** Math.min(failures - 1, 30));
  const pauseMs = ceiling * (0.5 + 0.5 * random);
  return Math.max(pauseMs, Math.min(askedMs, FAILED_BACKOFF.capMs));
}
