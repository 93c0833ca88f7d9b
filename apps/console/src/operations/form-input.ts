import { validationMessage } from '@live-feed/core/validation-message';
import { InputError } from '@live-feed/operations/refusal';
import { z } from 'zod';

/**
 * What a form or an address has sent, as an operation takes it.
 *
 * @throws InputError with what to do, for the field that is wrong
 */
export function readForm<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const reading = schema.safeParse(given ?? {}, { error: validationMessage });
  if (reading.success) return reading.data;
  throw new InputError(
    reading.error.issues.map(({ path, message }) => ({ member: path.join('.'), message })),
  );
}

/** A field that may be left empty: undefined then. */
export function blank<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (value === '' ? undefined : value), schema.optional());
}

/** A box that is ticked or not. */
export const ticked = z.preprocess((value) => value === 'true', z.boolean());

/** Of a field that may be there several times. */
export const several = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => (value === undefined ? [] : [value].flat()));
