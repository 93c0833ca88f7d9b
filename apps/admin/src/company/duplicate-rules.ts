import {
  type CampaignRule,
  type DuplicateRule,
  duplicateRuleSchema,
} from '@live-feed/core/directory/duplicate-rule';
import { z } from 'zod';
import { as, duration } from '../terminal/arguments.ts';

/** How rules about duplicates are written: `24h:refuse`, `7d:answer:campaign`. */

const windowMs = duration({ min: '1m', max: '90d' });

const EXPECTED = 'Expected a rule such as 24h:refuse or 7d:answer:campaign';

/** @param scope where the rule names none */
function rule(scope: DuplicateRule['scope'], others: string) {
  return z.string().transform((text, context): DuplicateRule => {
    const [window = '', action, named, ...rest] = text.split(':');
    const reading = duplicateRuleSchema.safeParse({
      windowMs: windowMs.safeParse(window).data,
      action,
      scope: named ?? scope,
    });
    if (reading.success && rest.length === 0) return reading.data;
    context.addIssue({
      code: 'custom',
      message: `${EXPECTED}, or ${others}: for how long (1m to 90d), refuse or answer, and company or campaign.`,
    });
    return z.NEVER;
  });
}

/** `off`, or a rule. */
export function companyRule(text: string): DuplicateRule | 'off' {
  return text === 'off' ? text : as(rule('company', 'off'))(text);
}

/** `off`, `company`, or a rule. */
export function campaignRule(text: string): DuplicateRule | 'off' | 'company' {
  return text === 'off' || text === 'company' ? text : as(rule('campaign', 'off or company'))(text);
}

/** As it is written; undefined for none. */
export function ruleText(stored: CampaignRule): string | undefined {
  if (stored === null || stored === 'off') return stored ?? undefined;
  const { action, scope } = stored;
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const;
  const [unit, ms] = units.find(([, each]) => stored.windowMs % each === 0) ?? ['s', 1_000];
  return `${stored.windowMs / ms}${unit}:${action}:${scope}`;
}
