import { leadRequestSchema } from '@live-feed/core/lead/lead-request';

/** Only what a caller may send: a campaign that no lead can name would be useless. */
export const campaignId = leadRequestSchema.shape.campaignId.refine(
  (id) => !/[\s,;\p{Cf}]/u.test(id),
  'A campaign id has no spaces, commas or invisible characters. Separate several ids by spaces.',
);
