import { dropUnforwarded, type LeadRequest, leadRequestSchema } from '@live-feed/core/lead/lead-request';
import type { KeyRecord } from '@live-feed/database/directory/lookups';
import { invalidRequest } from '../answers/api-error.ts';
import { validate } from '../answers/validation.ts';
import type { Form } from './form-body.ts';
import { bodyOfForm, readValues } from './lead-form.ts';
import { type Fields, isFields, mapFields, type Places } from './map-fields.ts';

/** A valid body of a request to take a lead. */
export interface ReadLead {
  readonly request: LeadRequest;
  /** Where its caller wrote a field: `lead.auxData1` → `lead.source`. */
  readonly writtenAt: (place: string) => string;
}

/**
 * Reads from a body, which it changes, the lead that is meant: fields have the names and defaults of the company, those that its dialer is
 * not sent are dropped, the key's default campaign is put in, and PHP's empty object, `[]`, is one.
 *
 * @param given JSON, or a form
 * @throws ApiError 400 that names each wrong field as its caller wrote it
 */
export function readLead(given: unknown, key: KeyRecord): ReadLead {
  const isForm = given instanceof Map;
  const body = isForm ? bodyOfForm(given as Form) : given;
  const places = prepare(body, key);
  const repeated = isForm ? readValues(body as Fields) : [];
  const writtenAt = (place: string) => {
    const found = written(place, places);
    return isForm ? found.replace(/^(lead|options)\./, '') : found;
  };
  const { value, error } = validate(leadRequestSchema, body, writtenAt);
  if (repeated.length > 0) {
    const named = repeated.map(({ path, message }) => ({ path: writtenAt(path), message }));
    throw invalidRequest([...named, ...(error?.details.issues ?? [])]);
  }
  if (error !== undefined) throw error;
  return { request: value, writtenAt };
}

const NOT_MAPPED: Places = new Map();

function prepare(body: unknown, { dialer, settings, intake }: KeyRecord): Places {
  if (!isFields(body)) return NOT_MAPPED;
  if (isEmptyList(body['options'])) body['options'] = {};
  const places = hasNames(intake.map) || hasNames(intake.defaults) ? mapFields(body, intake) : NOT_MAPPED;
  dropUnforwarded(body, dialer?.leadSettings.forward ?? []);
  const { campaignId, lead } = body;
  if (campaignId === undefined || campaignId === null || campaignId === '') {
    if (settings.defaultCampaign !== undefined) body['campaignId'] = settings.defaultCampaign;
  }
  if (isFields(lead) && isEmptyList(lead['extendedLeadData'])) lead['extendedLeadData'] = {};
  return places;
}

function hasNames(settings: object): boolean {
  return Object.keys(settings).length > 0;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** A place can go on below its field: `lead.extendedLeadData.colour`. */
function written(place: string, places: Places): string {
  if (places.size === 0) return place;
  const parts = place.split('.');
  const field = parts.slice(0, parts[0] === 'campaignId' ? 1 : 2).join('.');
  return (places.get(field) ?? field) + place.slice(field.length);
}
