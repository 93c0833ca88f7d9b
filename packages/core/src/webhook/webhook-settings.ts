import { z } from 'zod';
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

const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/i;
/** Those that every delivery has, and those that steer the connection. */
const NOT_OWN =
  /^(webhook-.*|host|content-.*|user-agent|accept.*|connection|expect|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;
const MOST_HEADERS = 10;

/** A company's own headers, by name. */
export const webhookHeadersSchema = z
  .record(
    z
      .string()
      .regex(NAME, 'A header’s name has letters, digits and hyphens.')
      .refine((name) => !NOT_OWN.test(name), 'Live Feed sets this header itself.'),
    z.string().regex(/^[\x20-\x7e]{0,1000}$/, 'A header’s value has at most 1,000 ASCII characters.'),
  )
  .refine(
    (headers) => Object.keys(headers).length <= MOST_HEADERS,
    `There are at most ${MOST_HEADERS} headers.`,
  );

export type WebhookHeaders = z.infer<typeof webhookHeadersSchema>;
