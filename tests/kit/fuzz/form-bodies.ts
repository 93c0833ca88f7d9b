import { fieldFromText } from '@live-feed/core/lead/lead-fields';
import fc from 'fast-check';
import type { ApiRequest } from './api-requests.ts';
import type { Caller } from './callers.ts';
import { ownPhone, phones } from './request-bodies.ts';
import { nearlyValid, type Schema, valuesOf } from './schema-values.ts';

export const FORM = 'application/x-www-form-urlencoded';

/** Forms that keep to the schema of their fields, that nearly do, and that are none. */
export function formsOf(form: Schema, caller: Caller): fc.Arbitrary<Buffer> {
  const values = fc.oneof(
    { arbitrary: valuesOf(form), weight: 2 },
    { arbitrary: nearlyValid(form), weight: 1 },
  );
  const whole = fc.tuple(values, phones).map(([value, phone]) => encoded(value, caller, phone));
  const pieces = fc.constantFrom(
    ...['%', '%zz', '%C3', '%ED%A0%80', '%00', '+', '=', '&', '&&=&'],
    ...['&leadPhone=5551234567', '&lead.zip=1', '&__proto__=1', '&lead=1', '&extendedLeadData=1'],
    ...['&extendedLeadData.__proto__=1', '&unknown=1&unknown=2', '&a=1'.repeat(600), 'x'.repeat(65_536)],
  );
  const stained = fc.tuple(whole, fc.nat(), pieces).map(([text, at, piece]) => {
    const place = at % (text.length + 1);
    return Buffer.from(text.slice(0, place) + piece + text.slice(place));
  });
  const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  return fc.oneof(
    { arbitrary: whole.map((text) => Buffer.from(text)), weight: 6 },
    { arbitrary: stained, weight: 3 },
    { arbitrary: any, weight: 1 },
  );
}

function encoded(value: unknown, caller: Caller, phone: string): string {
  const form = new URLSearchParams();
  for (const [name, given] of Object.entries(value ?? {})) {
    if (given === null) continue;
    for (const each of [given].flat())
      form.append(name, typeof each === 'object' ? JSON.stringify(each) : String(each));
  }
  if (form.has('campaignId')) form.set('campaignId', caller.campaignId);
  if (form.has('leadPhone')) form.set('leadPhone', ownPhone(caller, phone));
  return form.toString();
}

export function isForm({ headers }: Pick<ApiRequest, 'headers'>): boolean {
  return headers.some(([name, value]) => name === 'content-type' && value === FORM);
}

/** Whether all of it is text that was URL-encoded in UTF-8. */
export function isWellFormed(body: Buffer | undefined): boolean {
  try {
    decodeURIComponent(new TextDecoder('utf-8', { fatal: true }).decode(body).replaceAll('+', ' '));
    return true;
  } catch {
    return false;
  }
}

/** What a form that was taken asks for, as JSON would. */
export function leadOfForm(body: Buffer): Record<string, unknown> {
  const lead: Record<string, unknown> = {};
  const extended: [string, string][] = [];
  for (const [name, value] of new URLSearchParams(body.toString())) {
    const field = name.replace(/^(lead|options)\./, '');
    const [, member] = /^extendedLeadData\.(.+)$/s.exec(field) ?? [];
    if (value === '' || field === '__proto__' || member === '__proto__') continue;
    if (member === undefined) lead[field] = fieldFromText(field, value);
    else extended.push([member, value]);
  }
  return extended.length === 0 ? lead : { ...lead, extendedLeadData: Object.fromEntries(extended) };
}
