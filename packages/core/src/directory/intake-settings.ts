import { z } from 'zod';
import {
  FORWARDABLE,
  LEAD_FIELDS,
  OPTION_FIELDS,
  SHORT,
  upTo,
  withoutControls,
} from '../lead/lead-fields.ts';
import { leadRequestSchema } from '../lead/lead-request.ts';

/** Where a field of a request stands: beside lead and options, or in one of them. No two parts have a field of one name. */
export type RequestPart = 'body' | 'lead' | 'options';

const partNames: readonly (readonly [RequestPart, readonly string[]])[] = [
  ['body', ['campaignId']],
  ['lead', ['leadPhone', ...LEAD_FIELDS, ...FORWARDABLE.lead]],
  ['options', OPTION_FIELDS],
];

/** All fields that a request can have, with their part. */
export const REQUEST_FIELDS: ReadonlyMap<string, RequestPart> = new Map(
  partNames.flatMap(([part, names]) => names.map((name) => [name, part] as const)),
);

/** No field of a caller's: names that every object of JavaScript has, and those of the parts. */
const NEVER_NAMES: ReadonlySet<string> = new Set([
  '__proto__',
  'constructor',
  'prototype',
  'lead',
  'options',
]);

const mappedFieldSchema = z.string().refine((name) => REQUEST_FIELDS.has(name));

/** What callers call a field, letter for letter. */
export const sourceNameSchema = withoutControls(upTo(SHORT, z.string().trim().min(1))).refine(
  (name) => !NEVER_NAMES.has(name),
  'no field can be taken from this name',
);

/** Of leads that have none. The phone has to come with each lead; options have the dialer's `uploadDefaults`. */
export const fieldDefaultsSchema = leadRequestSchema.shape.lead.omit({ leadPhone: true });

export type FieldDefaults = Partial<z.infer<typeof fieldDefaultsSchema>>;

const intakeSettingsSchema = z.object({
  /** By field, the name under which callers send it: `{"auxData1": "source"}`. */
  map: z.record(mappedFieldSchema, sourceNameSchema).default({}),
  defaults: fieldDefaultsSchema.default({}),
  /** Whether leads may come as `application/x-www-form-urlencoded`. */
  forms: z.boolean().default(false),
});

/** How leads of a company may come in. Kept in `companies.intake`; null there: only as the API has them. */
export type IntakeSettings = z.infer<typeof intakeSettingsSchema>;

export const PLAIN_INTAKE: IntakeSettings = intakeSettingsSchema.parse({});

/** As they are stored. What this release cannot read is ignored: a later one may have written it. */
export function readIntakeSettings(stored: unknown): IntakeSettings {
  if (stored === null) return PLAIN_INTAKE;
  const { map, defaults, forms } = z.looseObject({}).catch({}).parse(stored) as Record<string, unknown>;
  const { shape } = intakeSettingsSchema;
  return {
    map: eachReadable(shape.map, map),
    defaults: eachReadable(shape.defaults, defaults),
    forms: shape.forms.catch(false).parse(forms),
  };
}

function eachReadable<Settings>(schema: z.ZodType<Settings>, stored: unknown): Settings {
  const entries = Object.entries(z.record(z.string(), z.unknown()).catch({}).parse(stored));
  const readable = entries.map(([name, value]) => schema.safeParse({ [name]: value }).data);
  return Object.assign({}, ...readable);
}

/** What to change; null removes. */
export interface IntakeChange {
  readonly map?: Readonly<Record<string, string | null>> | undefined;
  readonly defaults?: FieldDefaults | undefined;
  readonly forms?: boolean | undefined;
}

/** @returns what to store: what a later release has written stays */
export function changedIntake(stored: unknown, { map, defaults, forms }: IntakeChange): object {
  const settings = z.looseObject({}).catch({}).parse(stored) as Record<string, unknown>;
  return {
    ...settings,
    ...(map === undefined ? {} : { map: merged(settings['map'], map) }),
    ...(defaults === undefined ? {} : { defaults: merged(settings['defaults'], defaults) }),
    ...(forms === undefined ? {} : { forms }),
  };
}

function merged(stored: unknown, change: Readonly<Record<string, unknown>>): object {
  const all = { ...z.looseObject({}).catch({}).parse(stored), ...change };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}
