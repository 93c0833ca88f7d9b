import { FORWARDABLE, LEAD_FIELDS } from '@live-feed/core/lead/lead-fields';

/** A JSON value, because a log line is parsed again before it is written. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const REDACTED = '[redacted]';

/** Longer texts are cut, such as bodies or pages of HTML. */
const MAX_TEXT_LENGTH = 8_000;

/** Keys are compared in this form, so that `x-api-key` and `xApiKey` are one. */
const plainKey = (key: string) => key.toLowerCase().replaceAll(/[-_]/g, '');

const SECRET_KEY_END =
  /(?:token|secret|password|passphrase|authorization|credentials?|cookie|keys?|email|jwt|assertion)$/;

/** `state` is also a lead's state, which most log lines have. A US state does not identify a person. */
const READABLE_FIELDS: ReadonlySet<(typeof LEAD_FIELDS)[number]> = new Set(['state']);

/** Personal fields of a lead, other names of them, and objects that contain them. */
const SECRET_KEYS: ReadonlySet<string> = new Set([
  ...LEAD_FIELDS.filter((field) => !READABLE_FIELDS.has(field)).map(plainKey),
  ...FORWARDABLE.lead.map(plainKey),
  ...['name', 'fullname', 'address', 'zipcode'],
  ...['headers', 'rawheaders', 'body', 'rawbody', 'payload', 'fields', 'dialerresponse'],
]);

const PHONE_KEY = /(?:phone|phonenumber|callerid|ani)s?$/;
/** Ids are not masked, even if they look like a phone, because logs are searched by them. */
const ID_KEY = /id$/;

/**
 * The value without tokens, keys, and data that identifies a person: by key at any depth, and by pattern in free text, such as messages of
 * other packages' errors. Phones keep their last two digits.
 */
export function redact(value: Json, key = ''): Json {
  if (value === null || typeof value === 'boolean') return value;
  const kind = kindOf(key);
  if (kind === 'secret') return REDACTED;
  if (Array.isArray(value)) return value.map((entry) => redact(entry, key));
  if (typeof value === 'object') {
    const redacted: { [key: string]: Json } = {};
    for (const inner of Object.keys(value)) redacted[inner] = redact(value[inner] ?? null, inner);
    return redacted;
  }
  if (kind === 'phone') return maskPhone(String(value));
  return typeof value === 'number' || kind === 'id' ? value : redactText(value);
}

type KeyKind = 'secret' | 'phone' | 'id' | 'other';

/** Log lines repeat a few keys. Keys from data could fill the memory, so there is a limit. */
const MAX_KNOWN_KEYS = 1_000;
const knownKeys = new Map<string, KeyKind>();

function kindOf(key: string): KeyKind {
  const known = knownKeys.get(key);
  if (known !== undefined) return known;
  const name = plainKey(key);
  const kind =
    SECRET_KEYS.has(name) || SECRET_KEY_END.test(name)
      ? 'secret'
      : PHONE_KEY.test(name)
        ? 'phone'
        : ID_KEY.test(name)
          ? 'id'
          : 'other';
  if (knownKeys.size < MAX_KNOWN_KEYS) knownKeys.set(key, kind);
  return kind;
}

/** One word without digits, usually a state or a code, contains nothing to redact. */
const PLAIN_WORD = /^(?!oiq_|whsec_)[A-Za-z_.-]*$/;
/** A URL up to the next space, quote or closing punctuation. The length of the scheme is limited, so that the search is linear. */
const URL_IN_TEXT = /\b(?!file:)([a-z][a-z0-9+.-]{0,20}:\/\/)([^\s"'<>`]*[^\s"'<>`.,:;)])/gi;
/** `Bearer …` and `Basic …` as in the header Authorization. */
const CREDENTIALS = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;
/** An API key of ours, or a webhook's secret, whole or cut. */
const API_KEY = /\b(?:oiq_\w+|whsec_[\w+/=-]+)/g;
/** A JWT: three parts in base64url, of which the first two are JSON. */
const JWT = /\beyJ[\w-]{8,4000}\.[\w-]{8,4000}\.[\w-]{0,4000}/g;
/** `password=…` as in connection strings and forms. */
const ASSIGNED_SECRET = /((?:token|secret|password|assertion|api[-_]?key)=)[^\s"',;&}]+/gi;
/**
 * The value in `"firstName": "…"` or `firstName: '…'`, from JSON and inspected objects in messages, escaped or not.
 * A lookbehind finds the key, because the key may be inside what looks like the value of the word before it.
 */
const QUOTED_VALUE =
  /(?<=\b(?<key>[\w-]{1,40})\\{0,3}["']?\s{0,9}:\s{0,9}\\{0,3}(?<quote>["']))(?<value>.{1,1000}?)(?=\\{0,3}\k<quote>)/g;
const EMAIL = /[\w.%+-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}\b/gi;
/** A US phone, formatted or not, that is not part of a longer number or word. */
const PHONE_IN_TEXT =
  /(?<![\w.-])(?:\+?1[-. ]?)?(?:\([2-9]\d{2}\)|[2-9]\d{2})[-. ]{0,2}\d{3}[-. ]?\d{4}(?![\w-])/g;

/**
 * Free text without URLs' credentials and queries, API keys, e-mail addresses, phones, and the fields that
 * {@link redact} hides, where the text has JSON in it.
 */
export function redactText(text: string): string {
  if (PLAIN_WORD.test(text)) return text;
  return cut(text)
    .replaceAll(URL_IN_TEXT, (_, scheme: string, rest: string) => scheme + redactUrl(rest))
    .replaceAll(CREDENTIALS, `$1 ${REDACTED}`)
    .replaceAll(API_KEY, REDACTED)
    .replaceAll(JWT, REDACTED)
    .replaceAll(ASSIGNED_SECRET, `$1${REDACTED}`)
    .replaceAll(QUOTED_VALUE, (value, key: string) => redactField(key, value))
    .replaceAll(EMAIL, REDACTED)
    .replaceAll(PHONE_IN_TEXT, maskPhone);
}

function redactField(key: string, value: string): string {
  const kind = kindOf(key);
  if (kind === 'secret') return REDACTED;
  return kind === 'phone' ? maskPhone(value) : value;
}

/** @param rest A URL from the host on: `user:password@host:port/path?query#fragment`. */
function redactUrl(rest: string): string {
  const [, authority = '', path = '', query = ''] = /^([^/?#]*)([^?#]*)(.*)$/.exec(rest) ?? [];
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  // A password with an unescaped "/", "?" or "#" ends the host early and looks like a port that is none.
  if (/^[^[:]*:(?![0-9]{0,5}$)/.test(host)) return '***';
  return (host === authority ? host : `***@${host}`) + path + (query === '' ? '' : '?***');
}

function maskPhone(phone: string): string {
  if (/^\*+[0-9]{0,2}$/.test(phone)) return phone;
  const digits = phone.replaceAll(/[^0-9]/g, '');
  return digits.length >= 10 ? `********${digits.slice(-2)}` : '**********';
}

function cut(text: string): string {
  if (text.length <= MAX_TEXT_LENGTH) return text;
  return `${text.slice(0, MAX_TEXT_LENGTH)}… (${text.length - MAX_TEXT_LENGTH} more characters)`;
}
