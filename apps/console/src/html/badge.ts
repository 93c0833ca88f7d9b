import type { Light } from '@live-feed/operations/overview/dialer-light';
import { html, type Markup } from './html.ts';

/** `good` is for what has succeeded or serves; what needs a person is never `good`. */
export type Mood = 'good' | 'wait' | 'bad' | 'off';

/** A state, by colour and by word. */
export function badge(mood: Mood, word: string): Markup {
  return html`<span class="badge ${mood}">${word}</span>`;
}

const MOODS: Readonly<Record<Light, Mood>> = { serving: 'good', failing: 'wait', held: 'bad', paused: 'off' };

/** A dialer's traffic light. */
export function lightBadge(light: Light): Markup {
  return badge(MOODS[light], light);
}
