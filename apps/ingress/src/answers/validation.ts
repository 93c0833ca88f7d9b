import { validationMessage } from '@live-feed/core/validation-message';
import type { z } from 'zod';
import { type ApiError, invalidRequest } from './api-error.ts';

/** What a request says, or the 400 that tells all that is wrong with it. */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
):
  | { readonly value: z.output<Schema>; readonly error?: never }
  | { readonly error: ApiError; readonly value?: never } {
  const { data, error } = schema.safeParse(given, { error: validationMessage });
  if (error === undefined) return { value: data as z.output<Schema> };
  return {
    error: invalidRequest(error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))),
  };
}

/** For Fastify: routes have zod schemas. */
export const validatorCompiler =
  ({ schema }: { readonly schema: z.ZodType }) =>
  (given: unknown) =>
    validate(schema, given);
