import { strongRandomBytes } from '../crypto/random-bytes.ts';

/** Endpoints of a company; exact, by a constraint of the table. */
export const MOST_WEBHOOKS = 3;

/** Events in one delivery. */
export const MOST_EVENTS = 100;

const SECRET_BYTES = 32;

/** Of Standard Webhooks: `whsec_` and base64. */
export function issueWebhookSecret(): string {
  return `whsec_${strongRandomBytes(SECRET_BYTES).toString('base64')}`;
}
