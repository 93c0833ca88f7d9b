import { InvalidArgumentError } from '@commander-js/extra-typings';
import { validationMessage } from '@live-feed/core/validation-message';
import type { z } from 'zod';

/** Parses an argument with a schema. Commander adds the argument's name to errors; the exit code is 2. */
export function as<Value>(schema: z.ZodType<Value>): (text: string) => Value {
  return (text) => {
    const reading = schema.safeParse(text, { error: (issue) => sentence(validationMessage(issue)) });
    if (reading.success) return reading.data;
    throw new InvalidArgumentError(reading.error.issues.map(({ message }) => message).join(' '));
  };
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

/** For an argument that can be repeated: commander calls it for each value. */
export function eachAs<Value>(schema: z.ZodType<Value>) {
  return (text: string, before: readonly Value[] = []): readonly Value[] => [...before, as(schema)(text)];
}
