import type { DialerStanding, HoldReason } from '@live-feed/queue/limits/dialer-health';

const WHY: Readonly<Record<HoldReason, string>> = {
  throttled: 'the dialing system asked for a pause (429)',
  token_refused: 'the dialing system refused the token',
  failing: 'uploads keep failing',
  ops: 'by ops',
};

/** A dialer's state, for people; empty if nothing is wrong. */
export function describeStanding({ heldUntil, reason, note, failures, probing }: DialerStanding): string {
  const inARow = failures === 0 ? '' : `; failures in a row: ${failures}`;
  if (heldUntil !== null && reason !== null) {
    const until = heldUntil.toISOString().replace('T', ' ').slice(0, 19);
    return `HELD until ${until} UTC: ${WHY[reason]}${note === null ? '' : ` (${note})`}${inARow}`;
  }
  return probing ? `Probing with one lead at a time until an upload works${inARow}` : '';
}
