import { z } from 'zod';
import type { Keyring } from '../crypto/sealing.ts';
import { SEALED } from '../lead/lead-job.ts';

/** Where messages of alerts go. Stored sealed: the URL of a chat is a secret, too. */
export const alertTargetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('email'), to: z.array(z.email().max(254)).min(1).max(20) }),
  /** Slack, and what takes the same. */
  z.object({ kind: z.literal('slack'), url: z.url().max(2_000) }),
  /** Signed by Standard Webhooks. */
  z.object({ kind: z.literal('webhook'), url: z.url().max(2_000), secret: z.string() }),
]);

export type AlertTarget = z.infer<typeof alertTargetSchema>;

export const CHANNEL_KINDS = ['email', 'slack', 'webhook'] as const satisfies readonly AlertTarget['kind'][];

export const MOST_RULES = 100;
export const MOST_CHANNELS = 20;

/** Channels belong to no company. */
export const NO_COMPANY = 'none';

const CONTEXT = { companyId: NO_COMPANY, column: SEALED.alertTarget };

export function sealAlertTarget(keyring: Keyring, target: AlertTarget): string {
  return keyring.seal(JSON.stringify(target), CONTEXT);
}

/** @throws SealError */
export function unsealAlertTarget(keyring: Keyring, sealed: string): AlertTarget {
  return alertTargetSchema.parse(JSON.parse(keyring.unseal(sealed, CONTEXT)));
}
