import { validationMessage } from '@live-feed/core/validation-message';
import type { z } from 'zod';
import { type ApiError, invalidRequest } from './api-error.ts';

/**
 * What a request says, or the 400 that tells all that is wrong with it.
 *
 * @param writtenAt where its caller wrote what the schema has at a place
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  writtenAt: (place: string) => string = (place) => place,
):
  | { readonly value: z.output<Schema>; readonly error?: never }
  | { readonly error: ApiError; readonly value?: never } {
  const { data, error } = schema.safeParse(given, { error: validationMessage });
  if (error === undefined) return { value: data as z.output<Schema> };
  return {
    error: invalidRequest(
      error.issues.map(({ path, message }) => ({ path: writtenAt(path.join('.')), message })),
    ),
  };
}

/** For Fastify: routes have zod schemas. */
export const validatorCompiler =
  ({ schema }: { readonly schema: z.ZodType }) =>
  (given: unknown) =>
    validate(schema, given);

/** As above, for a route that checks its body by itself: the schema is what the API's document shows of it. */
export const uncheckedBodyCompiler = (part: {
  readonly schema: unknown;
  readonly httpPart?: string | undefined;
}) =>
  part.httpPart === 'body'
    ? (value: unknown) => ({ value })
    : validatorCompiler({ schema: part.schema as z.ZodType });
