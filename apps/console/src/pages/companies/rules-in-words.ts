import type { DuplicateRule } from '@live-feed/core/directory/duplicate-rule';
import { writtenDuration } from '@live-feed/operations/inputs/written';

/** Settings as a person would say them. */

export function duplicatesInWords(rule: DuplicateRule | null): string {
  if (rule === null) return 'not looked for';
  const { windowMs, action, scope } = rule;
  const whose = scope === 'company' ? 'any campaign' : 'the same campaign';
  const then = action === 'refuse' ? 'refused' : "answered with the earlier lead's answer";
  return `within ${writtenDuration(windowMs)} in ${whose}: ${then}`;
}

export function whenNoAniInWords(what: 'campaign_default' | 'reject'): string {
  return what === 'reject' ? 'the lead is refused' : "the lead is sent with the campaign's own caller ID";
}

export function unansweredInWords(what: 'send' | 'refuse'): string {
  return what === 'send' ? 'the lead is sent unchecked' : 'the lead is refused, and may come again';
}
