import type { LeadState } from '@live-feed/core/lead/lead-state';
import { badge, type Mood } from '../../html/badge.ts';
import type { Markup } from '../../html/html.ts';

/** What needs a person, or was not taken, is never `good`. */
const MOODS: Readonly<Record<LeadState, Mood>> = {
  ACCEPTED: 'good',
  QUEUED: 'wait',
  SENDING: 'wait',
  UNKNOWN: 'wait',
  REJECTED: 'bad',
  FAILED: 'bad',
  EXPIRED: 'bad',
  PARKED: 'bad',
  ABANDONED: 'off',
};

export function stateBadge(state: LeadState): Markup {
  return badge(MOODS[state], state);
}

/** Why a caller ID was chosen. */
const TIERS: Readonly<Record<string, string>> = {
  sticky: 'the number that this phone was called from before',
  area_code: "of the phone's area code",
  nearby: "of an area code near the phone's",
  state: "of the phone's state",
  any: 'the least used one of all: none was nearer',
};

export function whyCallerId(tier: string | null, distanceKm: number | null): string {
  if (tier === null) return 'not known';
  return `${TIERS[tier] ?? tier}${distanceKm === null ? '' : `, ${distanceKm} km away`}`;
}

/** `230 ms`, `4.2 s`, `3 min 5 s`, `2 h 4 min`, `3 d 1 h`. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const [seconds, minutes, hours] = [ms / 1_000, ms / 60_000, ms / 3_600_000].map(Math.floor) as [
    number,
    number,
    number,
  ];
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
