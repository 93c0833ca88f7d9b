import type { z } from 'zod';

/** Marks a member of an operation's input: the audit log says only that it was given. */
export function secret<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.meta({ 'x-audit': 'secret' });
}

/** Marks a member of an operation's input: the audit log has its last two characters. */
export function personal<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.meta({ 'x-audit': 'personal' });
}

/** The longest text, and the most members of a list, that the audit log keeps. */
const MOST_CHARACTERS = 500;
const MOST_ITEMS = 100;

/**
 * The input as the audit log keeps it: bounded, without secrets and phones.
 *
 * @param input as the schema's output or input
 */
export function maskedInput(schema: z.ZodType, input: unknown): unknown {
  const kind = schema.meta()?.['x-audit'];
  if (input === undefined || input === null) return input ?? null;
  if (kind === 'secret') return '(secret)';
  if (kind === 'personal') return masked(input);
  const inner = innerOf(schema);
  if (inner !== undefined) return maskedInput(inner, input);
  if (Array.isArray(input)) return maskedList(elementOf(schema), input);
  if (typeof input === 'object' && !(input instanceof Date)) {
    const shape = shapeOf(schema);
    return Object.fromEntries(
      Object.entries(input).map(([name, value]) => {
        const member = shape?.[name];
        return [name, member === undefined ? plain(value) : maskedInput(member, value)];
      }),
    );
  }
  return plain(input);
}

function maskedList(element: z.ZodType | undefined, items: readonly unknown[]): unknown[] {
  const kept = items
    .slice(0, MOST_ITEMS)
    .map((item) => (element === undefined ? plain(item) : maskedInput(element, item)));
  const left = items.length - kept.length;
  return left === 0 ? kept : [...kept, `(and ${left} more)`];
}

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return maskedList(undefined, value.map(masked));
  const text = String(value);
  return `********${wellFormed(text.slice(-2))}`;
}

/** PostgreSQL takes no half of a character, which a cut may leave. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '');
}

function plain(value: unknown): unknown {
  if (typeof value === 'string' && value.length > MOST_CHARACTERS)
    return `${wellFormed(value.slice(0, MOST_CHARACTERS))}…`;
  // A stream or a function says nothing.
  const text = JSON.stringify(value);
  if (text === undefined || text.length > MOST_CHARACTERS * 10) return '(not kept)';
  return value;
}

/** What is known of a schema's kind; zod's own classes differ by kind, and have these members. */
interface Definition {
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly element?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
}

function definitionOf(schema: z.ZodType): Definition {
  return schema.def as Definition;
}

/** Of what is optional, has a default, or is transformed. */
function innerOf(schema: z.ZodType): z.ZodType | undefined {
  const { innerType, in: before } = definitionOf(schema);
  return innerType ?? before;
}

function elementOf(schema: z.ZodType): z.ZodType | undefined {
  return definitionOf(schema).element;
}

function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined {
  return definitionOf(schema).shape;
}
