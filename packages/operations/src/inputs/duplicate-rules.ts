import {
  type CampaignRule,
  type DuplicateRule,
  duplicateRuleSchema,
} from '@live-feed/core/directory/duplicate-rule';
import { z } from 'zod';
import { duration, writtenDuration } from './written.ts';

/** How rules about duplicates are written: `24h:refuse`, `7d:answer:campaign`. */

const windowMs = duration({ min: '1m', max: '90d' });

const EXPECTED = 'Expected a rule such as 24h:refuse or 7d:answer:campaign';

/**
 * @param scope where the rule names none
 * @param words that stand for themselves
 */
function rule<const Word extends string>(scope: DuplicateRule['scope'], words: readonly Word[]) {
  return z.string().transform((text, context): DuplicateRule | Word => {
    const word = words.find((each) => each === text);
    if (word !== undefined) return word;
    const [window = '', action, named, ...rest] = text.split(':');
    const reading = duplicateRuleSchema.safeParse({
      windowMs: windowMs.safeParse(window).data,
      action,
      scope: named ?? scope,
    });
    if (reading.success && rest.length === 0) return reading.data;
    context.addIssue({
      code: 'custom',
      message: `${EXPECTED}, or ${words.join(' or ')}: for how long (1m to 90d), refuse or answer, and company or campaign.`,
    });
    return z.NEVER;
  });
}

export const companyRule = rule('company', ['off']);

export const campaignRule = rule('campaign', ['off', 'company']);

/** As it is written; undefined for none. */
export function ruleText(stored: CampaignRule): string | undefined {
  if (stored === null || stored === 'off') return stored ?? undefined;
  const { windowMs, action, scope } = stored;
  return `${writtenDuration(windowMs)}:${action}:${scope}`;
}
