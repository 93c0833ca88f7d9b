import {
  jwtCredentialSchema,
  type LeadSettings,
  leadSettingsSchema,
} from '@live-feed/core/directory/dialer-settings';
import { FORWARDABLE_FIELDS, uploadDefaultsSchema, WORDED_OPTIONS } from '@live-feed/core/lead/lead-fields';
import { validationMessage } from '@live-feed/core/validation-message';
import { z } from 'zod';

/** A dialer's settings as people write them: in arguments, files and fields of forms. */

/** The JSON of a JWT credential. What is wrong is said without what was read: it is secret. */
export const writtenCredential = z.string().transform((text, context) => {
  const reading = jwtCredentialSchema.safeParse(parse(text), { error: validationMessage });
  if (reading.success) return reading.data;
  const [issue] = reading.error.issues;
  const where = issue?.path.join('.') ?? '';
  const missing = where === '' ? 'it is not JSON' : `${where} is missing`;
  const problem = issue?.code === 'invalid_type' ? missing : issue?.message;
  const expected =
    'expected JSON such as {"clientId": "…", "clientSecret": "…", "jwt": "xxx.yyy.zzz"}, and no other members.';
  context.addIssue({ code: 'custom', message: `This is not a JWT credential (${problem}): ${expected}` });
  return z.NEVER;
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** By option; null removes the default. */
export type Defaults = z.input<typeof uploadDefaultsSchema>;

/** `dialPriority=IMMEDIATE`; without a value the default is removed. */
export const uploadDefault = z.string().transform((text, context): Defaults => {
  const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(text) ?? [];
  const known = uploadDefaultsSchema.keyof().options;
  if (!known.some((option) => option === name)) {
    context.addIssue({
      code: 'custom',
      message: `Expected one of ${known.join(', ')}, then "=" and a value.`,
    });
    return z.NEVER;
  }
  const reading = uploadDefaultsSchema.safeParse(value === '' ? {} : { [name]: value }, {
    error: validationMessage,
  });
  if (reading.success) return { [name]: value === '' ? null : value };
  context.addIssue({ code: 'custom', message: `${name}: ${reading.error.issues[0]?.message}.` });
  return z.NEVER;
});

/** `leadPriority,maxPasses`, or `none`. */
export const forwardedFields = z.string().transform((text, context): LeadSettings['forward'] => {
  if (text === 'none') return [];
  const reading = leadSettingsSchema.shape.forward.safeParse(text.split(',').map((name) => name.trim()));
  if (reading.success) return [...new Set(reading.data)];
  context.addIssue({
    code: 'custom',
    message: `Expected "none", or some of ${FORWARDABLE_FIELDS.join(', ')}.`,
  });
  return z.NEVER;
});

/** Without a word the mapping is removed. */
export type Mapping = Readonly<Record<string, string | null>>;

/** `dialPriority.FIRST_PASS=IMMEDIATE`; `dialPriority.FIRST_PASS=` removes it. */
export const mapping = z.string().transform((text, context): Mapping => {
  const [, name = '', word = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const reading = leadSettingsSchema.shape.map.safeParse({ [name]: word === '' ? 'NONE' : word });
  if (reading.success) return { [name]: word === '' ? null : word };
  const values = Object.entries(WORDED_OPTIONS).map(([option, words]) => `${option}.${words.join('|')}`);
  const message = `Expected one of ${values.join(', ')}, then "=" and a word of the dialing system in capitals.`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});
