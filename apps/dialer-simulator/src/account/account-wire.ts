/** The wire format around leads and campaigns, as RingCentral publishes it: dial groups, accounts, lead actions. */
import { z } from 'zod';

/** `page` counts from 1. */
export const pageQuerySchema = z.object({
  page: z.coerce.number().int().min(1).default(1),
  maxRows: z.coerce.number().int().min(1).max(10_000).default(100),
});

/** A dial group with its campaigns. `isActive` is a boolean of the group and a number of a campaign, as published. */
export const dialGroupSchema = z.strictObject({
  dialGroupId: z.int(),
  dialGroupName: z.string(),
  dialMode: z.string(),
  isActive: z.boolean(),
  campaigns: z.array(
    z.strictObject({
      campaignId: z.int(),
      campaignName: z.string(),
      isActive: z.union([z.literal(0), z.literal(1)]),
    }),
  ),
});

export const accountSchema = z.strictObject({ accountId: z.string(), accountName: z.string() });

/** Only the actions and the criteria that are sent to it. */
export const leadActionQuerySchema = z.object({ leadAction: z.enum(['CANCEL_LEADS']) });

export const leadActionRequestSchema = z.strictObject({
  campaignLeadSearchCriteria: z.strictObject({
    campaignIds: z.array(z.union([z.int(), z.string().min(1)])).optional(),
    // Without it an action would apply to every lead of the campaigns.
    externIds: z.array(z.string().min(1)).min(1),
  }),
});
