import type { Light } from '@live-feed/operations/overview/dialer-light';
import { badge, type Mood } from '../../html/badge.ts';
import type { Markup } from '../../html/html.ts';

const MOODS: Readonly<Record<Light, Mood>> = { serving: 'good', failing: 'wait', held: 'bad', paused: 'off' };

/** A dialer's traffic light, by colour and by word. */
export function lightBadge(light: Light): Markup {
  return badge(MOODS[light], light);
}
