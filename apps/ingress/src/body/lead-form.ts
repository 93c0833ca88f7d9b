import { REQUEST_FIELDS, type RequestPart } from '@live-feed/core/directory/intake-settings';
import { fieldFromText, uploadOptionsSchema } from '@live-feed/core/lead/lead-fields';
import { leadRequestSchema } from '@live-feed/core/lead/lead-request';
import { z } from 'zod';
import type { Issue } from '../answers/api-error-entry.ts';
import type { Form } from './form-body.ts';
import { type Fields, isFields } from './map-fields.ts';

const { campaignId, lead } = leadRequestSchema.shape;

/** For the API's document; a form is validated as a lead, once it is one. */
export const leadFormSchema = z
  .object({ campaignId, ...lead.omit({ extendedLeadData: true }).shape, ...uploadOptionsSchema.shape })
  .meta({
    id: 'LeadForm',
    description:
      'The fields of a lead request beside each other. `extendedLeadData` has a field for each of its texts: `extendedLeadData.colour`.',
    required: ['leadPhone'],
  });

const EXTENDED = 'extendedLeadData';
const EXTENDED_MEMBER = /^extendedLeadData\.(.+)$/s;

/**
 * The body that a form stands for, its values still lists. Fields that the API does not have are with those of the lead, where a company's map
 * finds them.
 */
export function bodyOfForm(form: Form): Fields {
  const parts: Readonly<Record<RequestPart, Fields>> = { body: empty(), lead: empty(), options: empty() };
  const extended = empty();
  for (const [name, values] of form) {
    const field = name.replace(/^(lead|options)\./, '');
    const [, member] = EXTENDED_MEMBER.exec(field) ?? [];
    if (member === undefined) append(parts[REQUEST_FIELDS.get(field) ?? 'lead'], field, values);
    else append(extended, member, values);
    // A company's map may have it letter for letter.
    if (field !== name && !REQUEST_FIELDS.has(field)) append(parts.lead, name, values);
  }
  if (Object.keys(extended).length > 0) parts.lead[EXTENDED] = extended;
  return Object.assign(parts.body, { lead: parts.lead, options: parts.options });
}

/** Without a prototype: any name can be a member. */
function empty(): Fields {
  return Object.create(null) as Fields;
}

function append(fields: Fields, name: string, values: readonly string[]): void {
  fields[name] = [...((fields[name] as readonly string[] | undefined) ?? []), ...values];
}

/**
 * Makes of the values of a form, after its names were mapped, what the API has: numbers, lists and texts.
 *
 * @returns the fields that were sent more than once
 */
export function readValues(body: Fields): Issue[] {
  const parts = { body, lead: body['lead'], options: body['options'] };
  const repeated: Issue[] = [];
  for (const [field, part] of REQUEST_FIELDS) {
    const fields = parts[part];
    if (!isFields(fields) || field === 'dncTags') continue;
    const place = part === 'body' ? field : `${part}.${field}`;
    const value = fields[field];
    if (isFields(value)) {
      for (const member of Object.keys(value)) {
        value[member] = readText(value[member], `${place}.${member}`, repeated);
      }
    } else {
      const text = readText(value, place, repeated);
      if (typeof text === 'string') fields[field] = fieldFromText(field, text);
    }
  }
  return repeated;
}

/** What is no list was not in the form: a default. */
function readText(values: unknown, place: string, repeated: Issue[]): unknown {
  if (!Array.isArray(values)) return values;
  if (values.length > 1) repeated.push({ path: place, message: 'it is there more than once: send it once' });
  return values[0];
}
