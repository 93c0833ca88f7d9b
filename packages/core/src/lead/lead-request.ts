import { z } from 'zod';
import {
  type DefaultedOption,
  FORWARDABLE,
  FORWARDABLE_FIELDS,
  type ForwardableField,
  forwardedLeadFields,
  LEAD_FIELDS,
  leadTexts,
  OPTION_FIELDS,
  type OptionField,
  SHORT,
  uploadOptionsSchema,
  upTo,
  withoutControls,
} from './lead-fields.ts';

export const campaignIdSchema = withoutControls(upTo(SHORT, z.string().trim().min(1))).describe(
  "The dialer's own campaign id, as its UI shows it.",
);

/** The body of `POST /live-feed/ringcx` (docs/api.md). Unknown fields and any `callerId` are ignored. */
export const leadRequestSchema = z
  .object({
    campaignId: campaignIdSchema,
    lead: z
      .object({
        leadPhone: upTo(SHORT).describe(
          '10-digit US phone; +1-prefixed and formatted variants are accepted.',
        ),
        ...leadTexts,
        ...forwardedLeadFields,
      })
      .meta({
        id: 'Lead',
        description: `Sent on, and checked, only where the company's dialer is configured for it: ${FORWARDABLE_FIELDS.map((name) => `\`${name}\``).join(', ')}.`,
      }),
    options: uploadOptionsSchema.nullish(),
  })
  .meta({
    id: 'LeadRequest',
    description:
      'One lead, and how the dialer takes it. `campaignId` may be left out if the API key has a default campaign.',
    // Of the published schema, so that clients made from it can leave the campaign out. Here it is put in before.
    required: ['lead'],
  });

export type LeadRequest = z.infer<typeof leadRequestSchema>;

const ALL_FIELDS = [...LEAD_FIELDS, ...FORWARDABLE.lead];

const optionValueSchema = z.union([z.string(), z.boolean(), z.array(z.string())]);
const fieldValueSchema = z.union([z.string(), z.number(), z.record(z.string(), z.string())]);

/** JSON values that a lead loader is sent, beside phones and ids. */
export type OptionValue = string | boolean | readonly string[];
export type FieldValue = string | number | Readonly<Record<string, string>>;

/** By name. */
export type Options = Readonly<Record<string, OptionValue>>;
export type Fields = Readonly<Record<string, FieldValue>>;

export type UploadOptions = Partial<Record<DefaultedOption, string>>;

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
  fields: z.record(z.string(), fieldValueSchema),
  /** Complete: the caller's, else the dialer's, else ours. */
  options: z.record(z.string(), optionValueSchema),
});

export type LeadPayload = z.infer<typeof leadPayloadSchema>;

/**
 * Removes from a request what its company's dialer is not sent. To be called before it is validated: for this company these are unknown
 * fields, which may be anything.
 */
export function dropUnforwarded(body: unknown, forward: readonly ForwardableField[]): void {
  for (const part of ['lead', 'options'] as const) {
    const fields = isObject(body) ? body[part] : undefined;
    if (!isObject(fields)) continue;
    for (const name of FORWARDABLE[part]) if (!forward.includes(name)) delete fields[name];
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Those named that are neither left out nor null nor empty, in the order of the names. */
export function present<Field extends string, Value>(
  names: readonly Field[],
  source: Partial<Record<Field, Value | null | undefined>>,
): Partial<Record<Field, Value>> {
  const kept: Partial<Record<Field, Value>> = {};
  for (const name of names) {
    const value = source[name];
    if (value !== undefined && value !== null && !isEmpty(value)) kept[name] = value;
  }
  return kept;
}

/** An empty text, list or object: nothing that could be sent. */
function isEmpty(value: unknown): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

/** Equal for requests that ask for the same of the lead: in the order of the names, at every depth. */
export function fieldsOf({ lead }: Pick<LeadRequest, 'lead'>): Partial<Record<string, FieldValue>> {
  const fields: Partial<Record<string, FieldValue>> = present<string, FieldValue>(ALL_FIELDS, lead);
  const { extendedLeadData } = lead;
  if (fields['extendedLeadData'] !== undefined && extendedLeadData) {
    fields['extendedLeadData'] = inOrder(extendedLeadData);
  }
  return fields;
}

function inOrder(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The complete options of an upload with this lead. @param dialerDefaults the dialer's own */
export function optionsOf({ options }: LeadRequest, dialerDefaults: UploadOptions): Options {
  return {
    ...UPLOAD_DEFAULTS,
    ...present<OptionField, OptionValue>(OPTION_FIELDS, dialerDefaults),
    ...present<OptionField, OptionValue>(OPTION_FIELDS, options ?? {}),
  } as Options;
}

/** @param phone the normalised phone @param dialerDefaults the dialer's own upload defaults */
export function leadPayload(request: LeadRequest, phone: string, dialerDefaults: UploadOptions): LeadPayload {
  const options = optionsOf(request, dialerDefaults);
  return { phone, fields: fieldsOf(request), options } as LeadPayload;
}
