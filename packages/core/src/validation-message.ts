import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

/** What to send, by the name that zod has for its kind. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/**
 * Tells a person what to send where a value is not valid, instead of zod's own words: the rest of a sentence that begins with the place,
 * `lead.zip: send text, not a number`. For zod's parameter `error`; a schema's own messages come first.
 */
export function validationMessage(issue: Issue): string {
  const wanted = wantedBy(issue);
  // Whoever left it out is told that it is needed.
  return issue.input === undefined && issue.code !== 'custom' ? `it is required: ${wanted}` : wanted;
}

function wantedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type': {
      const kind = KINDS[issue.expected] ?? issue.expected;
      return issue.input === undefined ? `send ${kind}` : `send ${kind}, not ${kindOf(issue.input)}`;
    }
    case 'invalid_value':
      return `send ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`;
    case 'too_big':
      return `send ${sized(issue.origin, 'at most', issue.maximum)}`;
    case 'too_small':
      return issue.origin === 'string' && issue.minimum === 1
        ? 'send text that is not empty'
        : `send ${sized(issue.origin, 'at least', issue.minimum)}`;
    case 'invalid_format':
      return issue.format === 'datetime'
        ? 'send a time with its offset, such as 2026-12-01T09:30:00-05:00'
        : 'send it in the documented form';
    case 'unrecognized_keys':
      return `leave out ${issue.keys.join(', ')}`;
    case 'invalid_key':
      return `its name is not valid: ${issue.issues.map(({ message }) => message).join('; ')}`;
    default:
      return 'send a value as documented';
  }
}

function sized(origin: string, most: 'at most' | 'at least', limit: number | bigint): string {
  switch (origin) {
    case 'string':
      return `${most} ${limit} characters`;
    case 'array':
      return `${most} ${limit} ${Number(limit) === 1 ? 'entry' : 'entries'}`;
    default:
      return `a number of ${most} ${limit}`;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return KINDS[typeof value] ?? typeof value;
}
