import type { CampaignPause } from '@live-feed/core/directory/campaign-pause';
import { ApiError } from '../answers/api-error.ts';

/** Of a pause without an end: people resume a campaign when they can. */
const LOOK_AGAIN_S = 60;

/** The 429 for a lead of a paused campaign. @param leadId of one that was given back */
export function campaignPaused(
  { untilMs }: CampaignPause,
  nowMs: number,
  details: { readonly about: 'refused' | 'waits' | 'full'; readonly leadId?: string },
): ApiError {
  const retryAfterSeconds =
    untilMs === null ? LOOK_AGAIN_S : Math.max(1, Math.ceil((untilMs - nowMs) / 1_000));
  return new ApiError('CAMPAIGN_PAUSED', { ...details, retryAfterSeconds });
}
