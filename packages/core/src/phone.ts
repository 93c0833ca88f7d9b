/**
 * The one reading of a US phone number, for leads and for ANIs alike.
 *
 * It decides by shape only. The exchange digits are not checked: `5551234567`, the API's documented example, fails
 * libphonenumber's validity check and must pass.
 */

/** A phone of 10 ASCII digits, or a sentence that tells the caller what to send instead. */
export type PhoneReading = { ok: true; phone: string } | { ok: false; reason: string };

/** Ten digits, the first 2–9: no US area code begins with 0 or 1. */
const PHONE = /^[2-9][0-9]{9}$/;

/** Anything Unicode counts as a number, other than 0–9: Arabic-Indic, full-width, superscript, circled … */
const FOREIGN_DIGIT = /(?![0-9])\p{N}/u;

/** A plus, also in its full-width, small and superscript forms, that is not the `+1` at the very beginning. */
const MISPLACED_PLUS = /(?<!^)[+\uFF0B\uFE62\u207A]|^[+\uFF0B\uFE62\u207A](?!1)/u;

/**
 * `x`, `ext`, `#` or `;`, then digits, with at most spaces and punctuation between them. Linear in the input: a gap
 * ends at a letter and at the next marker.
 */
const EXTENSION = /(?:x|ext(?:n|ension)?|[#;])[^\p{L}\p{N}#;]*[0-9]/iu;

const refusals = {
  type: 'The phone number must be a string of 10 digits, such as "5551234567".',
  foreignDigit: 'The phone number may contain no other digits than 0 to 9.',
  plus: 'A plus sign in the phone number must come first and be followed by 1: only US numbers are taken.',
  extension: 'The phone number must have no extension: send the 10 digits only.',
  count: 'The phone number must have 10 digits, or 11 of which the first is 1. Letters are not digits.',
  areaCode: 'The area code of the phone number must begin with a digit from 2 to 9.',
} as const;

/**
 * Reads a phone as section 7 of the API's contract says. Never truncates and never guesses: what is not clearly one US
 * number of 10 digits is refused. The reason is fit to be shown to the caller and does not repeat the number.
 */
export function normalisePhone(input: unknown): PhoneReading {
  if (typeof input !== 'string') return refuse('type');
  const text = input.trim();
  if (FOREIGN_DIGIT.test(text)) return refuse('foreignDigit');
  if (MISPLACED_PLUS.test(text)) return refuse('plus');
  if (EXTENSION.test(text)) return refuse('extension');

  const digits = text.replaceAll(/[^0-9]/g, '');
  const phone = digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits;
  if (phone.length !== 10) return refuse('count');
  return PHONE.test(phone) ? { ok: true, phone } : refuse('areaCode');
}

/** Whether the text is a phone as {@link normalisePhone} gives them. */
export function isPhone(text: string): boolean {
  return PHONE.test(text);
}

/** What people may see of a phone: `********67`. Of anything that is no phone they see nothing. */
export function maskPhone(phone: string): string {
  return isPhone(phone) ? `********${phone.slice(-2)}` : '**********';
}

function refuse(why: keyof typeof refusals): PhoneReading {
  return { ok: false, reason: refusals[why] };
}
