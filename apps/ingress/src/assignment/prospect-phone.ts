import { normalisePhone } from '@live-feed/core/lead/phone';

/** A prospect's phone: 10 digits if it is one that a lead could have; null for a number of another numbering plan. */
export type ProspectPhone =
  | { readonly ok: true; readonly phone: string | null }
  | { readonly ok: false; readonly reason: string };

/** As the vendor has it. ITU-T E.164 allows 15 digits. */
const OTHERS = /^\+?[0-9]{10,15}$/;
const BETWEEN_DIGITS = /[\s().-]/g;

export function readProspectPhone(text: string): ProspectPhone {
  const reading = normalisePhone(text);
  if (reading.ok) return reading;
  if (OTHERS.test(text.replaceAll(BETWEEN_DIGITS, ''))) return { ok: true, phone: null };
  return { ok: false, reason: 'The phone number must have 10 to 15 digits, such as "5551234567".' };
}
