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
const VALUE = /^[\x20-\x7e]{0,1000}$/;
const MOST_HEADERS = 10;

/** A company's own headers, by name. An issue's path is the name. */
export const webhookHeadersSchema = z.record(z.string(), z.string()).superRefine((headers, context) => {
  const entries = Object.entries(headers);
  if (entries.length > MOST_HEADERS)
    context.addIssue({ code: 'custom', message: `There are at most ${MOST_HEADERS} headers.` });
  for (const [name, value] of entries) {
    const message = headerProblem(name, value);
    if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
  }
});

function headerProblem(name: string, value: string): string | undefined {
  if (!NAME.test(name)) return 'A header’s name has letters, digits and hyphens.';
  if (NOT_OWN.test(name)) return 'Live Feed sets this header itself.';
  return VALUE.test(value) ? undefined : 'A header’s value has at most 1,000 ASCII characters.';
}

export type WebhookHeaders = z.infer<typeof webhookHeadersSchema>;
