import type { JwtCredential } from '@live-feed/core/directory/dialer-settings';
import { token } from '@live-feed/operations/dialer/dialer-values';
import { writtenCredential } from '@live-feed/operations/dialer/written-settings';
import type { z } from 'zod';
import { Refusal } from '../terminal/refusal.ts';

/** What a dialer signs in with, as it is written in files. It is secret: what is wrong is said without what was read. */

/** @throws Refusal */
export function checkToken(text: string): string {
  return checked(token.safeParse(text));
}

/** @throws Refusal */
export function readCredential(text: string): JwtCredential {
  return checked(writtenCredential.safeParse(text));
}

function checked<Value>(reading: z.ZodSafeParseResult<Value>): Value {
  if (reading.success) return reading.data;
  throw new Refusal(`${reading.error.issues[0]?.message} Nothing was changed.`);
}
