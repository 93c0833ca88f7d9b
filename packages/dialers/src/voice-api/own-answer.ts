/**
 * Whether an answer is the dialing system's own. Between us and it there are proxies, firewalls and load balancers, which answer with
 * the same statuses and know nothing of leads and campaigns: a page of theirs must not end a lead.
 */
import { z } from 'zod';
import type { WholeAnswer } from '../http/exchange.ts';

/** RingCX documents `{ errorCode, generalMessage, timestamp }`. */
const errorAnswer = z.looseObject({
  errorCode: z.string(),
  generalMessage: z.string(),
  timestamp: z.union([z.number(), z.string()]).nullish(),
});

/** @param answer of a status from 400 to 499 */
export function isOwnRefusal({ httpStatus, body }: Pick<WholeAnswer, 'httpStatus' | 'body'>): boolean {
  // A token that is not taken is told as plain text as well: "Jwt is expired".
  if (httpStatus === 401 && isSentence(body)) return true;
  return errorAnswer.safeParse(body).success;
}

/** Who limits rates may be in front of the dialing system; it says so in a few words, in JSON or not at all. */
export function isThrottling({ body }: Pick<WholeAnswer, 'body'>): boolean {
  return !isPage(body);
}

/** Markup, which no lead loader answers with. */
export function isPage(body: unknown): boolean {
  return typeof body === 'string' && /^\s*</.test(body);
}

const LONGEST_SENTENCE = 200;

function isSentence(body: unknown): boolean {
  return typeof body === 'string' && body.length <= LONGEST_SENTENCE && !isPage(body);
}
