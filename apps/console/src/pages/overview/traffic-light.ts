import type { DialerStanding, HoldReason } from '@live-feed/queue/limits/dialer-health';
import type { Mood } from '../../html/badge.ts';
import { whyHeld } from '../../queues/held-description.ts';

export interface TrafficLight {
  readonly mood: Mood;
  readonly word: string;
  /** For people; empty if there is nothing to say. */
  readonly why: string;
}

/** How a dialer's state is shown. @param standing undefined if nothing is wrong */
export function lightOf(standing: DialerStanding | undefined): TrafficLight {
  if (standing === undefined) return { mood: 'good', word: 'serving', why: '' };
  const { reason, failures, probing } = standing;
  const inARow = failures === 0 ? [] : [`failures in a row: ${failures}`];
  const held = whyHeld(standing);
  if (held !== undefined && reason !== null)
    return { mood: MOODS[reason], word: 'held', why: [held, ...inARow].join('; ') };
  if (probing)
    return {
      mood: 'wait',
      word: 'probing',
      why: ['one lead at a time until an upload works', ...inARow].join('; '),
    };
  return { mood: 'good', word: 'serving', why: inARow.join() };
}

const MOODS: Readonly<Record<HoldReason, Mood>> = {
  throttled: 'wait',
  ops: 'wait',
  token_refused: 'bad',
  failing: 'bad',
};
