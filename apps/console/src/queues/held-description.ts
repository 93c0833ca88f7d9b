import type { DialerStanding, HoldReason } from '@live-feed/queue/limits/dialer-health';

const WHY: Readonly<Record<HoldReason, string>> = {
  throttled: 'the dialing system asked for a pause (429)',
  token_refused: 'the dialing system refused the token',
  failing: 'uploads keep failing',
  ops: 'by ops',
};

/** Why a dialer is held, for people; undefined if it is not. */
export function whyHeld({ heldUntil, reason, note }: DialerStanding): string | undefined {
  if (heldUntil === null || reason === null) return undefined;
  return `${WHY[reason]}${note === null ? '' : ` (${note})`}`;
}

/** A dialer's state, for people; empty if nothing is wrong. */
export function describeStanding(standing: DialerStanding): string {
  const { heldUntil, failures, probing } = standing;
  const inARow = failures === 0 ? '' : `; failures in a row: ${failures}`;
  const why = whyHeld(standing);
  if (heldUntil !== null && why !== undefined) {
    const until = heldUntil.toISOString().replace('T', ' ').slice(0, 19);
    return `HELD until ${until} UTC: ${why}${inARow}`;
  }
  return probing ? `Probing with one lead at a time until an upload works${inARow}` : '';
}
