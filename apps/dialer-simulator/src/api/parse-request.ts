import { z } from 'zod';
import { DialingSystemError, defaultErrorCode } from './error-answer.ts';

/** @throws {DialingSystemError} 400, with every flaw and where it is. */
export function parseRequest<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DialingSystemError(400, defaultErrorCode(400), z.prettifyError(parsed.error));
}
