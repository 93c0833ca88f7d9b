import { z } from 'zod';
import { withoutControls } from '../lead/lead-fields.ts';
import { campaignIdSchema } from '../lead/lead-request.ts';
import { rateWindowSchema } from './dialer-settings.ts';

/** Whose a key is. */
export const keyLabelSchema = withoutControls(z.string().min(1).max(100));

/** Who a key was given to, and what it may do. Kept in `api_keys.settings`; whatever is left out has no limit. */
export const keySettingsSchema = z.object({
  /** Whose key it is: the source of the leads that come with it. */
  label: keyLabelSchema.optional(),
  /** So many leads in any such period. */
  rate: rateWindowSchema.optional(),
  /** So many leads a day, in the time zone of the company. */
  daily: z.int().positive().optional(),
  /** The only campaigns that it may load, and whose leads it reaches. */
  campaigns: z.array(campaignIdSchema).min(1).max(1_000).optional(),
  /** For leads that name none. */
  defaultCampaign: campaignIdSchema.optional(),
});

export type KeySettings = z.infer<typeof keySettingsSchema>;

/** @param campaignId null where it is not known: that may be any campaign */
export function mayUseCampaign({ campaigns }: KeySettings, campaignId: string | null): boolean {
  return campaigns === undefined || (campaignId !== null && campaigns.includes(campaignId));
}

/** @throws ZodError: a limit that cannot be read must not be lifted by that */
export function readKeySettings(stored: unknown): KeySettings {
  return keySettingsSchema.parse(stored);
}
