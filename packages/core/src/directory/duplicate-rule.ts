import { z } from 'zod';

const MINUTE_MS = 60_000;

/** What becomes of a lead whose phone another lead had shortly before. */
export const duplicateRuleSchema = z.object({
  /** Since the earlier lead came. At most as long as leads are kept by default. */
  windowMs: z
    .int()
    .min(MINUTE_MS)
    .max(90 * 24 * 60 * MINUTE_MS),
  /** `refuse`: it is refused. `answer`: it gets the earlier lead's answer. */
  action: z.enum(['refuse', 'answer']),
  /** Whose leads are compared. */
  scope: z.enum(['company', 'campaign']),
});

export type DuplicateRule = z.infer<typeof duplicateRuleSchema>;

const campaignRuleSchema = z.union([duplicateRuleSchema, z.literal('off')]).nullable();

/** Of a campaign; null: its company's rule applies. */
export type CampaignRule = z.infer<typeof campaignRuleSchema>;

/** @throws ZodError: a rule that cannot be read must not be passed over */
export function readDuplicateRule(stored: unknown): DuplicateRule | null {
  return duplicateRuleSchema.nullable().parse(stored);
}

/** @throws ZodError as `readDuplicateRule` */
export function readCampaignRule(stored: unknown): CampaignRule {
  return campaignRuleSchema.parse(stored);
}

/** @returns null if leads of the campaign are not compared with others */
export function ruleFor(company: DuplicateRule | null, campaign: CampaignRule): DuplicateRule | null {
  if (campaign === 'off') return null;
  return campaign ?? company;
}
