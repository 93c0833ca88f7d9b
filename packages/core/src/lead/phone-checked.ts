import { z } from 'zod';

/** What a company's check said of a lead's phone; kept on its row. */
export const phoneCheckedSchema = z.object({
  /** `unanswered`: it did not answer in time, and the company has such leads sent. */
  result: z.enum(['allowed', 'refused', 'unanswered']),
  /** When it said so: ISO 8601. */
  at: z.string(),
  /** It had said so for an earlier lead. */
  cached: z.boolean(),
  /** Of a refusal, in the endpoint's words; sealed. */
  reason: z.string().nullish(),
});

export type PhoneChecked = z.infer<typeof phoneCheckedSchema>;
