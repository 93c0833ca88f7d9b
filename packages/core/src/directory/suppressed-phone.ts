import { z } from 'zod';
import type { KeyedDigests } from '../crypto/keyed-digests.ts';
import type { Keyring } from '../crypto/sealing.ts';
import { withoutControls } from '../lead/lead-fields.ts';
import { SEALED } from '../lead/lead-job.ts';

/** Who suppressed a phone. */
export const SUPPRESSION_SOURCES = ['api', 'import', 'admin'] as const;
export type SuppressionSource = (typeof SUPPRESSION_SOURCES)[number];

/** For people. Without control characters: it becomes a cell of a CSV file. */
export const suppressionReasonSchema = withoutControls(z.string().max(200));

const entrySchema = z.object({ phone: z.string(), reason: z.string().nullable() });

/** 10 digits, and why it is suppressed. */
export type SuppressedPhone = z.infer<typeof entrySchema>;

/** How a company's suppressed phone is stored. */
export interface StoredPhone {
  readonly phoneDigest: string;
  /** Sealed. */
  readonly entry: string;
}

export function storedPhone(
  { keyring, digests }: { readonly keyring: Keyring; readonly digests: KeyedDigests },
  companyId: string,
  { phone, reason }: SuppressedPhone,
): StoredPhone {
  const entry = JSON.stringify({ phone, reason } satisfies SuppressedPhone);
  return {
    phoneDigest: digests.phone(companyId, phone),
    entry: keyring.seal(entry, { companyId, column: SEALED.suppressedPhone }),
  };
}

/** @throws SealError as `unseal` does */
export function readStoredPhone(keyring: Keyring, companyId: string, entry: string): SuppressedPhone {
  return entrySchema.parse(JSON.parse(keyring.unseal(entry, { companyId, column: SEALED.suppressedPhone })));
}
