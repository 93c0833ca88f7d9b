import { z } from 'zod';

/** What a lead and its upload may have beside campaign and phone. A field is a line here; see CONTRIBUTING.md for what else it needs. */

/** Counted as JSON Schema and people count, by character: an emoji is one, and two UTF-16 units. */
export const upTo = (max: number, kind = z.string()) =>
  kind
    .check(({ value, issues }) => {
      if (value.length > max && [...value].length > max) {
        issues.push({ code: 'too_big', origin: 'string', maximum: max, inclusive: true, input: value });
      }
    })
    .meta({ maxLength: max });

/** PostgreSQL has no text with a NUL in it. The pattern is said again without a class of Unicode, which not every tool for JSON Schema knows. */
export const withoutControls = (kind: z.ZodString) =>
  kind
    .regex(/^\P{Cc}*$/u, 'send it without control characters')
    .meta({ pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]*$' });

/** Text that is forwarded as it is. `null` means absent; the empty string is taken but not sent on. */
const text = (max: number) => upTo(max).nullish();

export const SHORT = 255;
const LONG = 1024;
/** Fractions of a second have any number of digits. */
const LONGEST_TIME = 64;

/** The lead's texts beside its phone: what is listed here is taken, sent on, and kept out of logs. Stored digests depend on the order: only add. */
export const leadTexts = {
  firstName: text(SHORT),
  lastName: text(SHORT),
  email: text(SHORT),
  zip: text(SHORT),
  city: text(SHORT),
  address1: text(SHORT),
  address2: text(SHORT),
  state: text(SHORT),
  auxData1: text(LONG),
  auxData2: text(LONG),
  auxData3: text(LONG),
  auxData4: text(LONG),
  auxData5: text(LONG),
};

export const LEAD_FIELDS = namesOf(leadTexts);

/** Each lead of an upload may bring that much, so it is little beside what a lead has otherwise. */
const MOST_EXTENDED = 50;
const MOST_EXTENDED_BYTES = 8_192;

const extendedLeadData = z
  .record(upTo(SHORT), upTo(LONG))
  .check(({ value, issues }) => {
    if (Object.keys(value).length > MOST_EXTENDED) {
      issues.push({ code: 'custom', message: `send at most ${MOST_EXTENDED} members`, input: value });
    } else if (Buffer.byteLength(JSON.stringify(value)) > MOST_EXTENDED_BYTES) {
      issues.push({
        code: 'custom',
        message: `send at most ${MOST_EXTENDED_BYTES} bytes of JSON`,
        input: value,
      });
    }
  })
  .meta({ maxProperties: MOST_EXTENDED })
  .describe(`Of texts, at most ${MOST_EXTENDED_BYTES} bytes as JSON.`);

/**
 * Sent on only where the company's dialer is configured so (`--forward`), else unknown fields like any other. Types as in RingCX's
 * OpenAPI file (`CampaignLead`). Stored digests depend on the order: only add.
 */
export const forwardedLeadFields = {
  midName: text(SHORT),
  suffix: text(SHORT),
  title: text(SHORT),
  auxPhone: text(SHORT),
  auxExternalUrl: text(LONG),
  auxGreeting: text(LONG),
  gateKeeper: text(SHORT),
  leadTimezone: text(SHORT).describe(
    'Needed with `timeZoneOption: EXPLICIT`. Sent on as it is: RingCX documents no form; `America/New_York` is the usual one.',
  ),
  reserveAgent: text(SHORT),
  leadPriority: z.int32().nullish(),
  maxPasses: z.int32().nullish(),
  nextDialTime: z.iso.datetime({ offset: true }).max(LONGEST_TIME).nullish(),
  extendedLeadData: extendedLeadData.nullish(),
};

/** Stored digests depend on the order: only add. */
const alwaysForwardedOptions = {
  dialPriority: z.enum(['IMMEDIATE', 'NORMAL', 'FIRST_PASS', 'SECOND_PASS', 'THIRD_PASS']).nullish(),
  duplicateHandling: z.enum(['REMOVE_FROM_LIST', 'RETAIN_ALL', 'REMOVE_ALL_EXISTING']).nullish(),
  listState: z.enum(['ACTIVE', 'INACTIVE']).nullish(),
  timeZoneOption: z
    .enum(['NOT_APPLICABLE', 'NPA_NXX', 'ZIPCODE', 'EXPLICIT'])
    .nullish()
    .describe('Defaults to NPA_NXX. With EXPLICIT the dialer goes by `lead.leadTimezone`.'),
  description: text(LONG).describe(
    'Names the uploaded list. Leads share an upload only if their options are equal, this one included.',
  ),
};

const MOST_TAGS = 50;

/** As `forwardedLeadFields`. RingCX's file has no type for it; its documentation shows a list. */
const forwardedOptions = { dncTags: z.array(upTo(SHORT)).max(MOST_TAGS).nullish() };

export const uploadOptionsSchema = z
  .object({ ...alwaysForwardedOptions, ...forwardedOptions })
  .meta({ id: 'UploadOptions', description: 'How the dialer takes the lead; sent on as they are.' });

/** Options for which a dialer can have a default. */
export const uploadDefaultsSchema = z.object(alwaysForwardedOptions);

export type OptionField = keyof typeof uploadOptionsSchema.shape;
export type DefaultedOption = keyof typeof alwaysForwardedOptions;

export const OPTION_FIELDS = namesOf(uploadOptionsSchema.shape);

/** What a dialer can be configured to be sent. */
export const FORWARDABLE = {
  lead: namesOf(forwardedLeadFields),
  options: namesOf(forwardedOptions),
} as const;

export const FORWARDABLE_FIELDS = [...FORWARDABLE.lead, ...FORWARDABLE.options];

export type ForwardableField = (typeof FORWARDABLE_FIELDS)[number];

/** The options whose values are words of the dialing system's, with those that callers may send. */
export const WORDED_OPTIONS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(alwaysForwardedOptions).flatMap(([name, schema]) => {
    const kind = schema.unwrap().unwrap();
    return kind instanceof z.ZodEnum ? [[name, kind.options]] : [];
  }),
);

/** Lead fields that are whole numbers. */
const NUMBER_FIELDS: ReadonlySet<string> = new Set(
  Object.entries(forwardedLeadFields).flatMap(([name, schema]) =>
    schema.unwrap().unwrap() instanceof z.ZodNumber ? [name] : [],
  ),
);

/**
 * The value of a lead field from a text, where all that is sent is texts.
 *
 * @returns the text where it is no number, for the schema to refuse
 */
export function fieldFromText(name: string, text: string): string | number {
  return NUMBER_FIELDS.has(name) && /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : text;
}

function namesOf<Shape extends object>(shape: Shape): readonly (keyof Shape & string)[] {
  return Object.keys(shape) as (keyof Shape & string)[];
}
