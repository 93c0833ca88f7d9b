import type { Keyring } from '../crypto/sealing.ts';
import { type OwnHeaders, ownHeadersSchema } from '../directory/own-headers.ts';
import { SEALED } from '../lead/lead-job.ts';

/** Where deliveries go, and what they are signed with, in plain text. */
export interface WebhookTarget {
  readonly url: string;
  readonly headers: OwnHeaders;
  /** One, or two while they are rotated: a receiver that knows either can verify. */
  readonly secrets: readonly string[];
}

/** All but the URL sealed. */
export interface SealedTarget {
  readonly companyId: string;
  readonly url: string;
  readonly headers: string | null;
  readonly secret: string;
  /** Null once its time is over. */
  readonly oldSecret: string | null;
}

/** @throws SealError */
export function unsealTarget(keyring: Keyring, sealed: SealedTarget): WebhookTarget {
  const { companyId, url, headers, secret, oldSecret } = sealed;
  const unseal = (text: string, column: string) => keyring.unseal(text, { companyId, column });
  return {
    url,
    headers:
      headers === null ? {} : ownHeadersSchema.parse(JSON.parse(unseal(headers, SEALED.webhookHeaders))),
    secrets: [
      unseal(secret, SEALED.webhookSecret),
      ...(oldSecret === null ? [] : [unseal(oldSecret, SEALED.webhookOldSecret)]),
    ],
  };
}
