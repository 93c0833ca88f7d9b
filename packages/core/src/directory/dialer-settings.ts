import { z } from 'zod';
import {
  FORWARDABLE,
  FORWARDABLE_FIELDS,
  type ForwardableField,
  WORDED_OPTIONS,
} from '../lead/lead-fields.ts';
import type { Fields, LeadPayload, Options } from '../lead/lead-request.ts';

/** A limit of a dialing system: at most that many requests in any period of that length. */
export const rateWindowSchema = z.object({
  requests: z.int().positive(),
  perMs: z.int().positive(),
});

/** All of them apply; none at all means unlimited. */
export const rateWindowsSchema = z.array(rateWindowSchema).max(10);

export type RateWindow = z.infer<typeof rateWindowSchema>;

const visible = (what: string) =>
  z.string().regex(/^[\x21-\x7e]{1,2000}$/, `${what} is not visible ASCII without spaces`);

/** What RingCentral's developer console gives a company to sign in with. */
export const jwtCredentialSchema = z.strictObject({
  // It ends at the first colon of HTTP's basic authentication.
  clientId: visible('clientId').regex(/^[^:]+$/, 'clientId has a colon'),
  clientSecret: visible('clientSecret'),
  jwt: z
    .string()
    .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/, 'jwt is not of the form xxx.yyy.zzz')
    .max(3_500),
});

export type JwtCredential = z.infer<typeof jwtCredentialSchema>;

/** The columns of `dialers` that keep a sealed token; a family says which one its dialers authenticate with. */
export type TokenColumn = 'permanentToken' | 'apiAuthToken';

export const PHONE_FORMATS = ['national', 'e164'] as const;

/** `dialPriority.FIRST_PASS`: a value that callers may send. */
const mappedValue = z.string().refine((name) => {
  const [option = '', value = '', ...rest] = name.split('.');
  return (
    rest.length === 0 && Object.hasOwn(WORDED_OPTIONS, option) && WORDED_OPTIONS[option]?.includes(value)
  );
});

/** Any word that a dialing system may have for it. */
export const sentWord = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/);

/** How a company's leads are sent to its dialing system. Kept in `dialers.lead_settings`. */
export const leadSettingsSchema = z.object({
  /** Fields that are sent on beyond those that always are. */
  forward: z.array(z.enum(FORWARDABLE_FIELDS)).default([]),
  /** What is sent for a value of an option: `{"dialPriority.FIRST_PASS": "IMMEDIATE"}`. */
  map: z.record(mappedValue, sentWord).default({}),
  /** `e164` for accounts that ask for it: E.164 beside the ten digits. */
  phoneFormat: z.enum(PHONE_FORMATS).default('national'),
});

export type LeadSettings = z.infer<typeof leadSettingsSchema>;

/** Those of a dialer for which nothing was configured. */
export const PLAIN_LEADS: LeadSettings = leadSettingsSchema.parse({});

/** As they are stored. What this release cannot read is ignored: a later one may have written it. */
export function readLeadSettings(stored: unknown): LeadSettings {
  const given: Readonly<Record<string, unknown>> =
    typeof stored === 'object' && stored !== null ? { ...stored } : {};
  const { forward, map, phoneFormat } = leadSettingsSchema.shape;
  const names = Array.isArray(given['forward']) ? given['forward'] : [];
  const mapped = Object.entries(z.record(z.string(), z.unknown()).catch({}).parse(given['map']));
  return {
    forward: names.flatMap((name) => forward.catch([]).parse([name])),
    map: Object.assign({}, ...mapped.map(([name, word]) => map.catch({}).parse({ [name]: word }))),
    phoneFormat: phoneFormat.catch('national').parse(given['phoneFormat']),
  };
}

/**
 * The options of an upload as the dialing system gets them. Leads share an upload if these are equal, whatever their callers sent.
 *
 * `phoneNumbersI18nEnabled` is an option of RingCX's loader, with which leads have an E.164 number; see the voice API's adapter.
 *
 * @param given complete
 */
export function optionsAsSent(given: Options, { forward, map, phoneFormat }: LeadSettings): Options {
  const options = forwarded(given, FORWARDABLE.options, forward);
  if (phoneFormat === 'national' && Object.keys(map).length === 0) return options;
  const sent = Object.entries(options).map(([name, value]) => {
    const word = typeof value === 'string' ? map[`${name}.${value}`] : undefined;
    return [name, word ?? value] as const;
  });
  if (phoneFormat === 'e164') sent.push(['phoneNumbersI18nEnabled', true]);
  return Object.fromEntries(sent);
}

/** A lead's fields as the dialing system gets them: without those that were switched off while it waited. */
export function fieldsAsSent(fields: Fields, { forward }: Pick<LeadSettings, 'forward'>): Fields {
  return forwarded(fields, FORWARDABLE.lead, forward);
}

/** Both, of a lead as it is stored. */
export function leadAsSent({ fields, options }: LeadPayload, settings: LeadSettings) {
  return { fields: fieldsAsSent(fields, settings), options: optionsAsSent(options, settings) };
}

/** @returns the same where nothing is to be left out, as is usual */
function forwarded<Value>(
  given: Readonly<Record<string, Value>>,
  forwardable: readonly ForwardableField[],
  forward: LeadSettings['forward'],
): Readonly<Record<string, Value>> {
  const off = forwardable.filter((name) => name in given && !forward.includes(name));
  if (off.length === 0) return given;
  const isOff: ReadonlySet<string> = new Set(off);
  return Object.fromEntries(Object.entries(given).filter(([name]) => !isOff.has(name)));
}
