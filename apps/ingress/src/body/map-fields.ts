import {
  type FieldDefaults,
  type IntakeSettings,
  REQUEST_FIELDS,
  type RequestPart,
} from '@live-feed/core/directory/intake-settings';

/** Values by name, as they were parsed. */
export type Fields = Record<string, unknown>;

/** For fields that were sent under another name: where they were, by their own place: `lead.auxData1` → `lead.source`. */
export type Places = ReadonlyMap<string, string>;

/** Where another name is looked for, the first place first. */
const PARTS: readonly RequestPart[] = ['lead', 'options', 'body'];

/**
 * Gives fields that were not sent the values of those that the company's map names, else its defaults. To be called before anything is
 * validated. A source stays where it is: like all unknown fields it is ignored.
 *
 * @returns where the values were found
 */
export function mapFields(body: Fields, { map, defaults }: Pick<IntakeSettings, 'map' | 'defaults'>): Places {
  body['lead'] ??= {};
  const parts: Readonly<Record<RequestPart, unknown>> = {
    body,
    lead: body['lead'],
    options: body['options'] ?? {},
  };
  // All are read before any is written: what one field gets is no source for another.
  const found = Object.entries(map).flatMap(([field, source]) => {
    const part = REQUEST_FIELDS.get(field);
    if (part === undefined || !isFields(parts[part]) || isGiven(parts[part], field)) return [];
    const from = PARTS.find((each) => isGiven(parts[each], source));
    return from === undefined ? [] : [{ part, field, from, source, value: own(parts[from], source) }];
  });
  for (const { part, field, value } of found) {
    const fields = parts[part] as Fields;
    fields[field] = value;
    if (part === 'options') body['options'] = fields;
  }
  addDefaults(parts.lead, defaults);
  return new Map(
    found.map(({ part, field, from, source }) => [placeOf(part, field), placeOf(from, source)] as const),
  );
}

function addDefaults(lead: unknown, defaults: FieldDefaults): void {
  if (!isFields(lead)) return;
  for (const [field, value] of Object.entries(defaults)) if (!isGiven(lead, field)) lead[field] = value;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An empty text is what forms send for a field that was left out. */
function isGiven(fields: unknown, name: string): boolean {
  const value = own(fields, name);
  return value !== undefined && value !== null && value !== '';
}

function own(fields: unknown, name: string): unknown {
  return isFields(fields) && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function placeOf(part: RequestPart, field: string): string {
  return part === 'body' ? field : `${part}.${field}`;
}
