import fc from 'fast-check';

/** As much of JSON Schema as the API's document uses. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** With `additionalProperties`: names and values of an object that may have any. */
  readonly propertyNames?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly maxProperties?: number;
}

const UNDERSTOOD = new Set([
  ...['type', 'enum', 'anyOf', 'properties', 'required', 'minLength', 'maxLength', 'pattern'],
  ...['minimum', 'maximum', 'default', 'description', 'example', 'examples', 'format', 'items', 'maxItems'],
  ...['propertyNames', 'additionalProperties', 'maxProperties', 'minItems'],
]);

/** Texts that have broken programs before. */
export const NASTY_TEXTS = [
  '\0',
  'a\0b',
  '\r\nx-injected: 1',
  '\ud800',
  '\udfff\ud800',
  '𝕃𝕖𝕒𝕕',
  '👩‍👩‍👧‍👦'.repeat(8),
  '\u202egnp.exe',
  '\ufeff',
  '\u2028\u2029',
  '__proto__',
  'constructor',
  'toString',
  "' OR 1=1; --",
  '{{7*7}}',
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '%00%0d%0a%n%s',
  '\\u0000',
  '1e999',
  'NaN',
  ' ',
  '',
];

/** Valid values. @throws Error for a schema with a word that would have to be obeyed and is not known here */
export function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  for (const word of Object.keys(schema)) {
    if (!UNDERSTOOD.has(word)) throw new Error(`There are no values for a schema with "${word}".`);
  }
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(valuesOf));
  if (typeof schema.type === 'object') {
    return fc.oneof(...schema.type.map((type) => valuesOf({ ...schema, type })));
  }
  switch (schema.type) {
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return schema.format === 'date-time' ? moments : textsOf(schema);
    case 'object':
      return typeof schema.additionalProperties === 'object' ? recordsOf(schema) : objectsOf(schema);
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 5, 5),
      });
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -(2 ** 31), max: schema.maximum ?? 2 ** 31 - 1 });
    default:
      throw new Error(`There are no values of the type ${schema.type}.`);
  }
}

function objectsOf({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
  const members = Object.fromEntries(
    Object.entries(properties).map(([name, member]) => [name, valuesOf(member)]),
  );
  return fc.record(members, { requiredKeys: [...required] });
}

/** Few, since such an object is bounded in bytes as well. */
function recordsOf({
  propertyNames = { type: 'string' },
  additionalProperties,
}: Schema): fc.Arbitrary<unknown> {
  const names = valuesOf(propertyNames).map(String);
  const values = valuesOf({ ...(additionalProperties as Schema), maxLength: 100 });
  return fc.dictionary(names, values, { maxKeys: 3 });
}

/** RFC 3339, as far as the pattern of our schema takes it. */
const moments = fc
  .tuple(
    fc.date({ min: new Date('1970-01-01'), max: new Date('2999-12-31'), noInvalidDate: true }),
    fc.constantFrom('Z', '+05:30', '-08:00'),
  )
  .map(([moment, offset]) => moment.toISOString().replace('Z', offset));

function textsOf({ minLength = 0, maxLength = 100, pattern = '' }: Schema): fc.Arbitrary<string> {
  const expression = new RegExp(pattern, 'u');
  const fits = (text: string) =>
    text.length >= minLength && [...text].length <= maxLength && expression.test(text);
  const texts = fc.string({ unit: 'binary', minLength, maxLength: Math.min(maxLength, 40) });
  const words = fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 20) });
  const longest = fc.constantFrom('x', 'é', '\u4e2d', '𝕃').map((letter) => letter.repeat(maxLength));
  return fc
    .oneof(
      { arbitrary: words, weight: 6 },
      { arbitrary: texts, weight: 3 },
      { arbitrary: fc.constantFrom(...NASTY_TEXTS), weight: 3 },
      { arbitrary: longest, weight: 1 },
    )
    .filter(fits);
}

/** JSON values that nobody asked for. */
const NASTY_VALUES: readonly unknown[] = [
  ...NASTY_TEXTS,
  null,
  true,
  0,
  -1,
  1.5,
  5551234567,
  2 ** 53,
  1e308,
  [],
  {},
  [[]],
  ['5551234567'],
  { toString: 'x', valueOf: 1 },
  JSON.parse('{"__proto__":{"leadPhone":"5551234567"}}'),
  { constructor: { prototype: { leadPhone: '5551234567' } } },
  'x'.repeat(256),
  'x'.repeat(1_025),
  'x'.repeat(30_000),
  nested(500),
];

/** Values of a schema with one place of them wrong, missing, or too much; now and then that is allowed. */
export function nearlyValid(schema: Schema): fc.Arbitrary<unknown> {
  const changes = fc.oneof(
    fc.constant({ kind: 'remove' as const }),
    fc.constantFrom(...NASTY_VALUES).map((value) => ({ kind: 'put' as const, value })),
    fc
      .tuple(
        fc.constantFrom('__proto__', 'callerId', 'externId', '', 'x\0'),
        fc.constantFrom(...NASTY_VALUES),
      )
      .map(([name, value]) => ({ kind: 'add' as const, name, value })),
  );
  return fc.tuple(valuesOf(schema), fc.nat(), changes).map(([value, place, change]) => {
    const copy = structuredClone(value);
    const places = placesIn(copy);
    const chosen = places[place % places.length];
    if (chosen === undefined) return change.kind === 'put' ? change.value : null;
    const { holder, name } = chosen;
    if (change.kind === 'remove') delete holder[name];
    // As JSON.parse would: an own member, whatever it is called.
    else define(holder, change.kind === 'add' ? change.name : name, change.value);
    return copy;
  });
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly name: string;
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...placesIn(holder[name])]);
}

function define(holder: object, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, enumerable: true, writable: true, configurable: true });
}

function nested(depth: number): unknown {
  return JSON.parse('['.repeat(depth) + ']'.repeat(depth));
}
