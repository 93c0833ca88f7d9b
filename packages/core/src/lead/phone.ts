/**
 * The one reading of a US phone number: for leads, for searches and for ANIs alike.
 *
 * A text is a phone if it has the ten digits of one number, written as such numbers are: 3, 3 and 4 digits, or some of these
 * together. Labels around the number are left out; nothing is put together from digits that only happen to be ten.
 *
 * The exchange digits are not checked: `5551234567`, the API's documented example, fails libphonenumber's validity check and must pass.
 */

/** A phone of 10 ASCII digits, or a sentence that tells the caller what is wrong. */
export type PhoneReading = { ok: true; phone: string } | { ok: false; reason: string };

/** Ten digits, the first 2–9: no US area code begins with 0 or 1. */
const PHONE = /^[2-9][0-9]{9}$/;

/** Longer than any phone with its label. */
const MOST_CHARACTERS = 255;

/** What nobody sees: marks of direction, zero-width characters, soft hyphens, variation selectors, tags, control characters. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]|(?!\s)\p{Cc}/gu;

/** Anything Unicode counts as a number, other than 0–9: Arabic-Indic, full-width, superscript, circled … */
const FOREIGN_DIGIT = /(?![0-9])\p{N}/u;

/** Full-width, small and superscript. */
const FOREIGN_PLUS = /[\uFF0B\uFE62\u207A]/g;

/**
 * What may stand before the first sign of a number: `tel:`, `p:` of lead-form exports, `Phone:`; the quotes, the apostrophe and the
 * equals sign with which spreadsheets keep a number as text.
 */
const LABEL = /^[\s"'“”‘’=]*(?:(?:tel|callto|sms):\/\/|\p{L}[\p{L} .-]{0,30}:)?[\s"'“”‘’=]*/iu;

/** `3.10820712E9`: a spreadsheet's. */
const SCIENTIFIC = /^[^0-9]*[0-9]+(?:[.,][0-9]*)?e[-+]?[0-9]+[^0-9]*$/iu;

/**
 * `x`, `ext…`, `#` or `;`, then digits, with at most spaces, punctuation and "no." between them. An x within a word (Alex, Fax)
 * marks nothing. Linear in the input: a gap ends at a letter and at the next marker.
 */
const EXTENSION =
  /(?:(?<!\p{L})(?:x|xtn|ext\p{L}{0,8})|[#;])[^\p{L}\p{N}#;]*(?:(?:no|nr|num|number)\b[^\p{L}\p{N}#;]*)?[0-9]/iu;

/** Of an amount, a share, a mail or web address. */
const OTHER_KIND = /[\p{Sc}%\u2030@]|\/\//u;

/** A point or comma where no phone has one: `2065550101.0`, `3.108207120`, `.5551234567`. */
const DECIMAL = /^-?(?:[0-9]{8,}[.,][0-9]{1,6}|[0-9]?[.,][0-9]+)$/;

/** Between the parts of a number; in their full-width forms too. */
const GAP = String.raw`[ \p{Pd}\u2212.\u00B7\u2022\u2219\u2027\uFF0E/\uFF0F_()\[\]\uFF08\uFF09]{0,6}`;

/** 1 or +1, then 3, 3 and 4 digits; the last four may be two and two. (With full stops that would be an IP address.) */
const WRITTEN = new RegExp(
  String.raw`^(?:\+1${GAP}|(?:1${GAP})?)([0-9]{3})${GAP}([0-9]{3})(?:${GAP}([0-9]{4})|([ \p{Pd}])([0-9]{2})\4([0-9]{2}))$`,
  'u',
);

const refusals = {
  type: 'The phone number must be a string of 10 digits, such as "5551234567".',
  long: `The phone number must not be longer than ${MOST_CHARACTERS} characters.`,
  foreignDigit: 'The phone number may contain no other digits than 0 to 9; one of another script was read.',
  scientific:
    'The phone number is in scientific notation, as spreadsheets shorten numbers: format the column as text, and send all 10 digits.',
  decimal: 'The phone number is in decimal notation: format the column as text, and send the 10 digits only.',
  plus: 'A plus sign in the phone number must come first and be followed by 1; one was read that does not come first.',
  country: 'A plus sign in the phone number must be followed by 1: only US numbers are taken.',
  extension: 'The phone number must have no extension: send the 10 digits only.',
  otherKind: 'An amount, a percentage or an address was read: send the 10 digits of a phone number only.',
  letters: 'The phone number must have 10 digits with no letters between them. Letters are not digits.',
  areaCode: 'The area code of the phone number must begin with a digit from 2 to 9.',
} as const;

/**
 * Reads a phone as section 7 of the API's contract says. Never truncates and never guesses: what is not clearly one US
 * number of 10 digits is refused. The reason is fit to be shown to the caller and does not repeat the number.
 */
export function normalisePhone(input: unknown): PhoneReading {
  if (typeof input !== 'string') return refuse('type');
  const visible = input.replaceAll(INVISIBLE, '').trim();
  if (visible.length > MOST_CHARACTERS) return refuse('long');
  if (FOREIGN_DIGIT.test(visible)) return refuse('foreignDigit');
  const text = visible
    .replaceAll(/[\p{Zs}\t]/gu, ' ')
    .replaceAll(FOREIGN_PLUS, '+')
    .replace(LABEL, '');
  if (SCIENTIFIC.test(text)) return refuse('scientific');
  if (text.includes('+', 1)) return refuse('plus');
  if (/^\+(?!1)/.test(text)) return refuse('country');
  if (EXTENSION.test(text)) return refuse('extension');
  if (OTHER_KIND.test(text)) return refuse('otherKind');
  if (DECIMAL.test(text)) return refuse('decimal');
  return readDigits(/(?:^\+)?[0-9](?:.*[0-9])?/su.exec(text)?.[0] ?? '');
}

/** Whether the text is a phone as {@link normalisePhone} gives them. */
export function isPhone(text: string): boolean {
  return PHONE.test(text);
}

/** What people may see of a phone: `********67`. Of anything that is no phone they see nothing. */
export function maskPhone(phone: string): string {
  return isPhone(phone) ? `********${phone.slice(-2)}` : '**********';
}

/** @param text from the first digit, or a plus before it, to the last */
function readDigits(text: string): PhoneReading {
  const [, areaCode, exchange = '', four = '', , two = '', lastTwo = ''] = WRITTEN.exec(text) ?? [];
  if (areaCode !== undefined) {
    const phone = `${areaCode}${exchange}${four}${two}${lastTwo}`;
    return PHONE.test(phone) ? { ok: true, phone } : refuse('areaCode');
  }
  const groups = text.match(/[0-9]+/g) ?? [];
  const digits = groups.join('');
  const count = text.startsWith('+') ? digits.length - 1 : digits.length;
  if (count !== 10 && !(count === 11 && digits.startsWith('1'))) {
    return {
      ok: false,
      reason: `The phone number must have 10 digits, or 11 of which the first is 1; ${count} were read. Letters are not digits.`,
    };
  }
  if (/\p{L}/u.test(text)) return refuse('letters');
  return {
    ok: false,
    reason:
      'The phone number must be written as one US number of 3, 3 and 4 digits, with nothing but spaces, dots, hyphens, slashes, ' +
      `underscores and brackets between them; groups of ${groups.map(({ length }) => length).join(', ')} digits were read.`,
  };
}

function refuse(why: keyof typeof refusals): PhoneReading {
  return { ok: false, reason: refusals[why] };
}
