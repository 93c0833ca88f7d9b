import {
  fieldDefaultsSchema,
  REQUEST_FIELDS,
  sourceNameSchema,
} from '@live-feed/core/directory/intake-settings';
import { fieldFromText } from '@live-feed/core/lead/lead-fields';
import { validationMessage } from '@live-feed/core/validation-message';
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { hint } from '../terminal/hint.ts';

/** How fields are mapped and given defaults: `auxData1=source`, `state=FL`. */

/** Null removes. */
export type Names = Readonly<Record<string, string | null>>;
export type Defaults = Readonly<Record<string, string | number | null>>;

/** `auxData1=source`; `auxData1=` removes it. */
export const mappedName = z.string().transform((text, context): Names => {
  const parts = split(text);
  if (parts === undefined)
    return refuse(context, 'Expected a field, then "=", such as firstName=first_name.');
  const { field, given } = parts;
  const problem = unknownField(field, given);
  if (problem !== undefined) return refuse(context, problem);
  if (given === '') return { [field]: null };
  const reading = sourceNameSchema.safeParse(given, { error: validationMessage });
  if (reading.success) return { [field]: reading.data };
  return refuse(context, `${field}: ${reading.error.issues[0]?.message}.`);
});

/** `state=FL`; `state=` removes it. */
export const fieldDefault = z.string().transform((text, context): Defaults => {
  const parts = split(text);
  if (parts === undefined) return refuse(context, 'Expected a field, then "=", such as state=FL.');
  const { field, given } = parts;
  const problem = unknownField(field, given) ?? withoutDefault(field);
  if (problem !== undefined) return refuse(context, problem);
  if (given === '') return { [field]: null };
  const value = fieldFromText(field, given);
  const reading = fieldDefaultsSchema.safeParse({ [field]: value }, { error: validationMessage });
  if (reading.success) return { [field]: value };
  return refuse(context, `${field}: ${reading.error.issues[0]?.message}.`);
});

/** A text of that form, without spaces around its parts. `lead.firstName` is what the API's documentation calls `firstName`. */
function split(text: string): { readonly field: string; readonly given: string } | undefined {
  const [, field, given] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (field === undefined || given === undefined) return undefined;
  return { field: field.trim().replace(/^(lead|options)\./, ''), given: given.trim() };
}

function unknownField(field: string, given: string): string | undefined {
  if (REQUEST_FIELDS.has(field)) return undefined;
  if (REQUEST_FIELDS.has(given)) {
    return `There is no field "${field}": write the field of the API first, ${given}=${field}.`;
  }
  return `There is no field "${field}". ${nearFields(field)}`;
}

function nearFields(given: string): string {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const all = [...REQUEST_FIELDS.keys()];
  const ranked = all
    .map((name) => ({ name, apart: distance(plain(name), plain(given)) }))
    .filter(({ name, apart }) => apart <= Math.max(2, Math.floor(name.length / 3)))
    .sort((one, other) => one.apart - other.apart)
    .slice(0, 3);
  if (ranked.length === 0) return `Fields are ${all.join(', ')}.`;
  return `Did you mean ${ranked.map(({ name }) => name).join(' or ')}?`;
}

function withoutDefault(field: string): string | undefined {
  const part = REQUEST_FIELDS.get(field);
  if (part === 'options')
    return `Options have defaults of their own, --upload-default: ${hint`dialer set --help`}`;
  if (part === 'body')
    return `The default campaign is that of a key, --default-campaign: ${hint`key set --help`}`;
  return field === 'leadPhone' ? 'The phone has to come with each lead.' : undefined;
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
