import type { webhookList } from '@live-feed/operations/webhook/webhooks';
import { badge, type Mood } from '../../html/badge.ts';
import { html, type Markup } from '../../html/html.ts';
import { time } from '../../html/time.ts';

/** A webhook as `webhook.list` has it. */
export type ShownWebhook = Awaited<ReturnType<typeof webhookList.run>>['webhooks'][number];

const MOODS: Readonly<Record<ShownWebhook['state'], Mood>> = {
  works: 'good',
  failing: 'bad',
  full: 'bad',
  off: 'off',
};

const WHY_OFF: Readonly<Record<string, string>> = {
  FAILING: 'it failed for a day',
  GONE: 'it said that it is gone (HTTP 410)',
  BY_HAND: 'by hand',
};

/** By colour and word; then since when, and why. */
export function webhookState(webhook: ShownWebhook, zone: string): Markup {
  const { state, disabledAt, disabledWhy, fullSince, failingSince } = webhook;
  // One that nobody has switched off is a fault, and one that was is not.
  const mood = state === 'off' && disabledWhy !== 'BY_HAND' ? 'bad' : MOODS[state];
  const since = { off: disabledAt, full: fullSince, failing: failingSince, works: null }[state];
  const why = {
    off: WHY_OFF[disabledWhy ?? ''] ?? '',
    full: 'no more events are kept',
    failing: '',
    works: '',
  }[state];
  return html`
    ${badge(mood, state)} ${since === null ? null : html`since ${time(since, zone)}`}${why === '' ? null : `: ${why}`}
  `;
}
