import type { Reason } from '@live-feed/core/lead/lead-outcome';
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

/** What a reason means, and what to do: for people who have not seen it before. */
const REASON_WORDS: Readonly<Record<Reason, string>> = {
  DIALER_ACCEPTED:
    'The dialing system took it. If it never rang, look there: its campaign, its hours, its do-not-call list.',
  DIALER_REJECTED:
    'The dialing system refused it; what it said is below. Send it again with a correction, or to another campaign.',
  DIALER_CAMPAIGN_UNKNOWN:
    'The dialing system does not know the campaign. Send it again to one that it knows.',
  DIALER_TOKEN_REFUSED:
    'The dialing system refused the token of the dialer. Set a new one, then retry the lead.',
  DIALER_UNREACHABLE: 'The dialing system could not be reached: the lead was never sent.',
  DIALER_FAILED: 'The dialing system failed, and did not take it.',
  DIALER_THROTTLED: 'The dialing system asked for a pause until it was too late for this lead.',
  OUTCOME_UNVERIFIABLE:
    'It may be in the dialing system, which could not be asked. Look there and record what became of it, or retry it: then it is asked first.',
  LEAD_UNUSABLE: 'It could not be decrypted, or its dialer cannot be used as it is set up: it was not sent.',
  DEADLINE_PASSED: 'It was not sent while its caller waited.',
  AGE_LIMIT: 'It was not sent before its maximum age: the dialer was held, paused or slow for that long.',
  NO_ANI_AVAILABLE: 'No caller ID was left for it, and its company sends none without one.',
  PHONE_SUPPRESSED:
    'Its phone may not be called: it is on the do-not-call list, or the check of phones refused it.',
  GIVEN_BACK: 'It was given back to its caller unsent.',
};

export function whyWords(reason: string | null): string | undefined {
  return reason !== null && Object.hasOwn(REASON_WORDS, reason) ? REASON_WORDS[reason as Reason] : undefined;
}

/** How it is known what became of it. */
const KNOWN_BY: Readonly<Record<string, string>> = {
  answer: "the dialing system's answer",
  'read-back': 'asking the dialing system afterwards',
  person: 'a person who looked',
};

export function knownBy(source: string | null): string | null {
  return source === null ? null : (KNOWN_BY[source] ?? source);
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
