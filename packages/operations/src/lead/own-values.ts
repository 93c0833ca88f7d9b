import type { LeadPayload } from '@live-feed/core/lead/lead-request';
import type { Json } from '@live-feed/runtime/logging/redaction';

/** Shorter ones are parts of other words, and name nobody: a state such as `FL`. */
const SHORTEST = 4;
const MASKED = '[of the lead]';

/**
 * What a dialing system said without what the lead's caller had sent, which it may repeat: the names and values of extended data are known
 * to nobody else, and no pattern finds them.
 */
export function withoutOwnValues(
  said: Json,
  { fields, options }: Pick<LeadPayload, 'fields' | 'options'>,
): Json {
  const own = [...new Set([...textsIn(Object.values(fields)), ...textsIn(Object.values(options))])]
    .filter((text) => text.length >= SHORTEST)
    // A longer one may have a shorter one in it.
    .sort((one, other) => other.length - one.length);
  const mask = (value: Json): Json => {
    if (typeof value === 'string') return own.reduce((text, each) => text.replaceAll(each, MASKED), value);
    if (Array.isArray(value)) return value.map(mask);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mask(each)]));
  };
  return mask(said);
}

/** Also the names of what is in objects: a caller gives those as well. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => [name, ...textsIn(each)]);
}
