import { z } from 'zod';

/** Counted as JSON Schema and people count, by character: an emoji is one, and two UTF-16 units. */
const upTo = (max: number, kind = z.string()) =>
  kind
    .check(({ value, issues }) => {
      if (value.length > max && [...value].length > max) {
        issues.push({ code: 'too_big', origin: 'string', maximum: max, inclusive: true, input: value });
      }
    })
    .meta({ maxLength: max });

/** Text that is forwarded as it is. `null` means absent; the empty string is taken but not sent on. */
const text = (max: number) => upTo(max).nullish();

const SHORT = 255;
const LONG = 1024;

/** The lead's texts beside its phone: what is listed here is taken, sent on, and kept out of logs. Stored digests depend on the order: only add. */
const leadTexts = {
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

export const LEAD_FIELDS = Object.keys(leadTexts) as readonly (keyof typeof leadTexts)[];

/** Stored digests depend on the order: only add. */
export const uploadOptionsSchema = z.object({
  dialPriority: z.enum(['IMMEDIATE', 'FIRST_PASS', 'SECOND_PASS', 'THIRD_PASS']).nullish(),
  duplicateHandling: z.enum(['REMOVE_FROM_LIST', 'RETAIN_ALL', 'REMOVE_ALL_EXISTING']).nullish(),
  listState: z.enum(['ACTIVE', 'INACTIVE']).nullish(),
  timeZoneOption: z
    .enum(['NOT_APPLICABLE', 'NPA_NXX', 'ZIPCODE', 'EXPLICIT'])
    .nullish()
    .describe('Defaults to NPA_NXX.'),
  description: text(LONG).describe(
    'Names the uploaded list. Leads share an upload only if their options are equal, this one included.',
  ),
});

export type OptionField = keyof typeof uploadOptionsSchema.shape;

export const OPTION_FIELDS = Object.keys(uploadOptionsSchema.shape) as readonly OptionField[];

/** Without control characters: PostgreSQL has no text with a NUL in it. */
export const campaignIdSchema = upTo(SHORT, z.string().trim().min(1))
  .regex(/^\P{Cc}*$/u, 'must not contain control characters')
  .describe("The dialer's own campaign id, as its UI shows it.");

/** The body of `POST /live-feed/ringcx` (docs/api.md). Unknown fields and any `callerId` are ignored. */
export const leadRequestSchema = z.object({
  campaignId: campaignIdSchema,
  lead: z.object({
    leadPhone: upTo(SHORT).describe('10-digit US phone; +1-prefixed and formatted variants are accepted.'),
    ...leadTexts,
  }),
  options: uploadOptionsSchema.nullish(),
});

export type LeadRequest = z.infer<typeof leadRequestSchema>;
export type UploadOptions = Partial<Record<OptionField, string>>;

/** What the dialing system gets where neither the caller nor the dialer's configuration says otherwise. */
export const UPLOAD_DEFAULTS: UploadOptions = {
  dialPriority: 'IMMEDIATE',
  duplicateHandling: 'RETAIN_ALL',
  listState: 'ACTIVE',
  timeZoneOption: 'NPA_NXX',
};

/** A lead as it is stored, encrypted, in jobs and rows: normalised, without empty texts. */
export const leadPayloadSchema = z.object({
  /** 10 digits. */
  phone: z.string(),
  fields: z.record(z.string(), z.string()),
  /** Complete: the caller's, else the dialer's, else ours. */
  options: z.record(z.string(), z.string()),
});

export type LeadPayload = z.infer<typeof leadPayloadSchema>;

/** The named texts that are neither left out nor null nor empty, in the order of the names. */
export function present<Field extends string>(
  names: readonly Field[],
  source: Partial<Record<Field, string | null | undefined>>,
): Partial<Record<Field, string>> {
  const kept: Partial<Record<Field, string>> = {};
  for (const name of names) {
    const value = source[name];
    if (value !== undefined && value !== null && value !== '') kept[name] = value;
  }
  return kept;
}

/** @param phone the normalised phone @param dialerDefaults the dialer's own upload defaults */
export function leadPayload(request: LeadRequest, phone: string, dialerDefaults: UploadOptions): LeadPayload {
  return {
    phone,
    fields: present(LEAD_FIELDS, request.lead),
    options: {
      ...UPLOAD_DEFAULTS,
      ...present(OPTION_FIELDS, dialerDefaults),
      ...present(OPTION_FIELDS, request.options ?? {}),
    },
  };
}
