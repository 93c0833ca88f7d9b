import { z } from 'zod';
import type { Keyring } from '../crypto/sealing.ts';
import { SEALED } from '../lead/lead-job.ts';
import { type OwnHeaders, ownHeadersSchema } from './own-headers.ts';

/** An endpoint of a company's choice that is asked whether a phone may be called, before a lead is taken. */

export const UNANSWERED_RULES = ['send', 'refuse'] as const;

export const phoneCheckLimitsSchema = z.object({
  /** For one answer. A caller waits for it. */
  timeoutMs: z.int().min(100).max(5_000),
  /** How long an answer holds; 0: each lead's phone is asked about. */
  cacheMs: z
    .int()
    .min(0)
    .max(14 * 86_400_000),
  /** What becomes of a lead whose phone could not be asked about. */
  unanswered: z.enum(UNANSWERED_RULES),
});

export type PhoneCheckLimits = z.infer<typeof phoneCheckLimitsSchema>;

export const DEFAULT_CHECK_LIMITS: PhoneCheckLimits = {
  timeoutMs: 2_000,
  cacheMs: 86_400_000,
  unanswered: 'refuse',
};

const checkSchema = phoneCheckLimitsSchema.extend({
  /** Another one for another URL: answers are kept by it, and those of a former URL do not count. */
  id: z.string(),
  url: z.string(),
  /** Sealed; null: none. */
  headers: z.string().nullable(),
});

/** As a company has it. */
export type PhoneCheck = z.infer<typeof checkSchema>;

/** @throws ZodError: a check that cannot be read must not be passed over */
export function readPhoneCheck(stored: unknown): PhoneCheck | null {
  return checkSchema.nullable().parse(stored ?? null);
}

/** @throws SealError */
export function unsealCheckHeaders(
  keyring: Keyring,
  companyId: string,
  { headers }: Pick<PhoneCheck, 'headers'>,
): OwnHeaders {
  if (headers === null) return {};
  const text = keyring.unseal(headers, { companyId, column: SEALED.phoneCheckHeaders });
  return ownHeadersSchema.parse(JSON.parse(text));
}
