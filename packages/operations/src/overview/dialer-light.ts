import type { DialerStanding, HoldReason } from '@live-feed/queue/limits/dialer-health';

/** How a dialer stands, as people see it: a traffic light. */
export type Light = 'serving' | 'failing' | 'held' | 'paused';

export interface DialerLight {
  readonly light: Light;
  /** Why, for people; null if there is nothing to say. */
  readonly why: string | null;
}

const WHY_HELD: Readonly<Record<HoldReason, string>> = {
  throttled: 'the dialing system asked to slow down',
  token_refused: 'the dialing system refused the token',
  failing: 'uploads keep failing',
  ops: 'by a person',
};

/** @param standing undefined: it is not held, and has no failures */
export function lightOf({
  paused,
  standing,
}: {
  readonly paused: boolean;
  readonly standing: DialerStanding | undefined;
}): DialerLight {
  const failed =
    standing === undefined || standing.failures === 0
      ? []
      : [`${standing.failures} failure${standing.failures === 1 ? '' : 's'} in a row`];
  const reason = standing?.reason ?? null;
  // A hold of the dialing system lasts longer than a person's pause may: both are said.
  const held = reason === null ? [] : [WHY_HELD[reason], ...(standing?.note ? [standing.note] : [])];
  const why = sentence([...(paused ? ['paused by a person'] : []), ...held, ...failed]);
  if (paused) return { light: 'paused', why };
  if (reason !== null) return { light: 'held', why };
  if (standing?.probing)
    return { light: 'failing', why: sentence(['one lead at a time is tried', ...failed]) };
  return { light: failed.length > 0 ? 'failing' : 'serving', why };
}

function sentence(parts: readonly string[]): string | null {
  return parts.length === 0 ? null : parts.join('; ');
}
