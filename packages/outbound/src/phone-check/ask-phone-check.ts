import type { OwnHeaders } from '@live-feed/core/directory/own-headers';
import { z } from 'zod';
import type { OutboundClient } from '../http/outbound-client.ts';

/** A company's endpoint, in plain text. */
export interface PhoneCheckTarget {
  readonly url: string;
  readonly headers: OwnHeaders;
  readonly timeoutMs: number;
}

export type PhoneCheckAnswer =
  /** @property reason for people, of a refusal; null if there is none */
  | { readonly kind: 'answer'; readonly allow: boolean; readonly reason: string | null }
  /** @property why without personal data */
  | { readonly kind: 'unanswered'; readonly why: string };

/** A larger answer is none. */
const MAX_ANSWER_BYTES = 8_192;
/** Of a reason; the rest is left out. */
const MOST_CHARACTERS = 200;

/** A reason in another form is none: the word that matters is there. */
const answerSchema = z.object({ allow: z.boolean(), reason: z.string().nullish().catch(null) });

/**
 * Asks once whether a phone may be called. Never throws.
 *
 * @param phone 10 digits
 * @param leadId the lead that it is asked for; the answer is about the phone
 */
export async function askPhoneCheck(
  client: OutboundClient,
  { url, headers, timeoutMs }: PhoneCheckTarget,
  { phone, leadId }: { readonly phone: string; readonly leadId: string },
): Promise<PhoneCheckAnswer> {
  const result = await client.post({
    url,
    headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'live-feed-phone-check' },
    body: JSON.stringify({ phone: `+1${phone}`, leadId }),
    limitMs: timeoutMs,
    maxAnswerBytes: MAX_ANSWER_BYTES,
  });
  if (result.kind !== 'answer') return { kind: 'unanswered', why: result.why };
  if (result.httpStatus !== 200) return { kind: 'unanswered', why: `HTTP ${result.httpStatus}` };
  if (result.isCut) {
    return { kind: 'unanswered', why: 'its answer is too large, or did not end in time' };
  }
  return readAnswer(result.body);
}

function readAnswer(body: string): PhoneCheckAnswer {
  const reading = answerSchema.safeParse(parsed(body));
  if (!reading.success)
    return { kind: 'unanswered', why: 'its answer is not {"allow": true} or {"allow": false}' };
  const { allow, reason } = reading.data;
  const words = allow || !reason ? '' : printable(reason);
  return { kind: 'answer', allow, reason: words === '' ? null : words };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** On one line, without control characters or halves of characters. */
function printable(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}\p{Cs}]+/gu, ' ').trim();
  return [...line].slice(0, MOST_CHARACTERS).join('');
}
