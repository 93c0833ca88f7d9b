import { type OwnHeaders, ownHeadersSchema } from '@live-feed/core/directory/own-headers';
import { z } from 'zod';

/** Headers as people write them: a `Name: value` on each line; null if there is none. What is said of them repeats no value. */
export const headerLines = z.string().transform((text, context): OwnHeaders | null => {
  const lines = text.split('\n').map((line) => line.trim());
  const headers = new Map<string, string>();
  for (const [at, line] of lines.entries()) {
    if (line === '') continue;
    const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      context.addIssue({
        code: 'custom',
        message: `Line ${at + 1} of the headers is not of the form "Name: value".`,
      });
      return z.NEVER;
    }
    headers.set(name.toLowerCase(), value);
  }
  if (headers.size === 0) return null;
  const reading = ownHeadersSchema.safeParse(Object.fromEntries(headers));
  if (reading.success) return reading.data;
  const [issue] = reading.error.issues;
  context.addIssue({ code: 'custom', message: `${String(issue?.path[0] ?? 'Headers')}: ${issue?.message}` });
  return z.NEVER;
});
