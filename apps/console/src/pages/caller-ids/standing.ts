import type { AniStanding } from '@live-feed/database/caller-ids/ani-inventory';
import { badge, type Mood } from '../../html/badge.ts';
import type { Markup } from '../../html/html.ts';

interface Word {
  readonly mood: Mood;
  readonly short: string;
  readonly long: string;
}

export const STANDING_WORDS: Readonly<Record<AniStanding, Word>> = {
  at_cap: { mood: 'bad', short: 'worn out', long: 'worn out: at their caps today' },
  cooling: { mood: 'wait', short: 'cooling', long: 'cooling down' },
  paused: { mood: 'off', short: 'paused', long: 'paused' },
  free: { mood: 'good', short: 'free', long: 'free: uses left today' },
};

export function standingBadge(standing: AniStanding): Markup {
  const { mood, short } = STANDING_WORDS[standing];
  return badge(mood, short);
}
